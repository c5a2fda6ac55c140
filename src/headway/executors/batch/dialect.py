"""What must be known of a scheduler: which commands to give it, and how to read what they print. Pure."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from headway.core.model.names import NativeId
from headway.core.model.spec import Spec
from headway.executors.batch.command import Command, Output
from headway.executors.batch.detail import Detail
from headway.executors.batch.native import NativeJob
from headway.executors.batch.request import Request


class Source(Protocol):
    """One place where a scheduler can be asked about single jobs: its memory, its accounting."""

    @property
    def name(self) -> str:
        """What people call it: ``scontrol``, ``sacct``, ``bhist``."""
        ...

    def ask(self, ids: Sequence[NativeId]) -> Command:
        """Ask about these jobs, all in one command."""
        ...

    def read(self, output: Output) -> Sequence[NativeJob]:
        """Read the answer; jobs that it does not know are left out.

        Raises:
            ExecutorRejected: this site seems to have no such source at all (no accounting). If that is said before it has ever
                answered, nothing is missed by not asking it.
            ExecutorUnavailable: this is no answer; nothing is known.
        """
        ...


def tells_marked_only(source: Source) -> bool:
    """Tell whether a source that is asked about several jobs at once tells only of those that carry a mark of ours.

    Such a source has ``marked_only``, true.
    """
    return bool(getattr(source, "marked_only", False))


def is_asked_of_all(source: Source) -> bool:
    """Tell whether a source is asked about every job that has left the listing, also of those whose own records tell their ends.

    Only it has the scheduler's word for an end, and it looks jobs up by their ids, so that it costs little. Such a source has
    ``asked_of_all``, true.
    """
    return bool(getattr(source, "asked_of_all", False))


class Dialect(Protocol):
    """One scheduler's commands. Builds argv and reads output; starts nothing.

    A reader raises ExecutorUnavailable for everything that is not surely an answer (half a line, other text, an exit code that
    does not fit): "cannot ask" is never "there is no such job".
    """

    @property
    def name(self) -> str:
        """The scheduler's name in settings: ``slurm``."""
        ...

    @property
    def programs(self) -> Sequence[str]:
        """The programs that its commands begin with; each one's path can be set."""
        ...

    @property
    def variables(self) -> "Variables":
        """What a running job finds in its environment."""
        ...

    @property
    def passes_environment(self) -> bool:
        """Whether the submitting command's environment becomes the job's, and nobody else can read it on its way."""
        ...

    @property
    def sources(self) -> Sequence[Source]:
        """Where to ask about a job that is not in the listing any more, best first."""
        ...

    def mark(self, tag: str) -> str:
        """Give what is put on a job to find it again: told back in every listing, the same for the same tag, never for two."""
        ...

    def submit(self, request: Request) -> Command:
        """Give the command that submits.

        Raises:
            InvalidRequest: an option cannot be passed on as it is; the message names the field.
        """
        ...

    def submitted(self, output: Output) -> NativeId:
        """Read the id of the job (of the whole array) that was submitted.

        Raises:
            ExecutorRejected: the scheduler refused it for good; the message has its words.
            ExecutorUnavailable: it is not known whether it was taken: ask the listing.
        """
        ...

    def printed(self, text: str) -> NativeId | None:
        """Find the id of the last job that the submitting command's own words in a text tell of."""
        ...

    def element(self, array: NativeId, index: int) -> NativeId:
        """Give the id of an array's element; ``index`` is ours, from 0."""
        ...

    def listing(self) -> Command:
        """Give the one command that lists all of this user's jobs, with those that have just ended if the scheduler can."""
        ...

    def listed(self, output: Output) -> Sequence[NativeJob]:
        """Read the listing; no jobs is an answer.

        Raises:
            ExecutorUnavailable: this is no listing, or not a whole one.
        """
        ...

    def cancel(self, ids: Sequence[NativeId]) -> Command:
        """Give the command that ends these jobs, politely first as the scheduler does it."""
        ...

    def cancelled(self, output: Output) -> None:
        """Read what came of it. Jobs that have ended or are not known are no error.

        Raises:
            ExecutorUnavailable: the scheduler was not reached.
            ExecutorRejected: it will not let us.
        """
        ...

    @property
    def details(self) -> Sequence[Detail]:
        """Where to ask for all that there is on a job, for people: its queue first, then what keeps those that have left it."""
        ...

    def version(self) -> Command:
        """Give the command that tells the scheduler's version, and whether it is this scheduler at all."""
        ...

    def read_version(self, output: Output) -> str:
        """Read the version, ``22.05.8``.

        Raises:
            ExecutorRejected: the program is another one of the same name; the message says which, if it can be told.
            ExecutorUnavailable: no answer.
        """
        ...

    def unheeded(self, spec: Spec) -> Sequence[str]:
        """Name what a spec asks for and this scheduler is not asked for: ``resources.exclusive_node_use``."""
        ...


class Variables:
    """Names of environment variables; see ``Dialect.variables``. Empty where a scheduler has none.

    Attributes:
        job_id: the job's id; of an array's element the array's, if ``array_id`` names no other variable for that.
        array_id: set for an array's elements only: the array's id (Slurm's ``SLURM_ARRAY_JOB_ID``).
        index: an element's place in its array.
        restarts: how often the job was put back into the queue.
        unset: a value of ``index`` that means: no array (Grid Engine's ``undefined``, LSF's ``0``).
        first: what ``index`` is for our index 0; Grid Engine and LSF count from 1.
        orders: exit codes that are orders to the scheduler, and must not be a job's (Grid Engine runs a job that ends with 99
            again, and puts one that ends with 100 into an error state).
        warnings: the signals, ``USR2``, that come some time before KILL, and before STOP, where it is not TERM that does: the
            job gets TERM for the first, and does not hear of the second, which would end it.
    """

    def __init__(
        self,
        *,
        job_id: str,
        array_id: str = "",
        index: str = "",
        restarts: str = "",
        unset: str = "",
        first: int = 0,
        orders: tuple[int, ...] = (),
        warnings: tuple[str, ...] = (),
    ) -> None:
        self.job_id = job_id
        self.array_id = array_id
        self.index = index
        self.restarts = restarts
        self.unset = unset
        self.first = first
        self.orders = orders
        self.warnings = warnings


def programs_of(dialect: Dialect, settings: Mapping[str, str]) -> dict[str, str]:
    """Give the path, or the name to be looked for on PATH, of each program of a dialect."""
    return {name: settings.get(name, name) for name in dialect.programs}
