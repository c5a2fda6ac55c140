"""Grid Engine's commands, and how to read what they print.

Written for Son of Grid Engine 8.1.9; its manual pages, and those of its kin (6.2, Open Grid Scheduler, Univa), agree on what is
used here. What every command is and what it costs is told in docs/howto/grid-engine.md.
"""

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from headway.core.errors import InvalidRequest
from headway.core.model.names import NativeId
from headway.core.model.spec import Spec
from headway.core.model.state import State
from headway.executors.batch.answered import last_id
from headway.executors.batch.command import Command, Output
from headway.executors.batch.detail import Detail
from headway.executors.batch.dialect import Source, Variables
from headway.executors.batch.native import NativeJob
from headway.executors.batch.request import Request
from headway.executors.sge import answers, in_full, options
from headway.executors.sge.accounting import Accounting
from headway.executors.sge.details import Details
from headway.executors.sge.ids import checked
from headway.executors.sge.listing import Listing
from headway.executors.sge.names import job_name, mark_of_tag
from headway.executors.sge.native import native_options
from headway.executors.sge.settings import Settings
from headway.executors.sge.starting import Starting
from headway.executors.sge.states import is_in_error
from headway.executors.sge.tasks import OFFSET, to_option
from headway.executors.sge.times import READ_IN

_PROGRAMS: Final = ("qsub", "qstat", "qdel", "qacct")
#: What comes before KILL and before STOP for a job that was submitted with -notify.
_WARNINGS: Final = ("USR2", "USR1")

#: What the submitting command says by itself.
_PRINTED: Final = re.compile(r"\bYour job(?:-array)? ([1-9][0-9]*)[. ]", re.MULTILINE)


class SgeDialect:
    """Grid Engine. ``NativeJob.index`` is ours, from 0; its ids (``12.1``), and ``$SGE_TASK_ID``, count from 1."""

    def __init__(
        self, settings: Settings | None = None, now: Callable[[], datetime] | None = None
    ) -> None:
        """Take the names that differ between clusters; without a clock a job is taken to run as soon as it is listed so."""
        self._settings = settings or Settings()
        self._starting = None if now is None else Starting(now)
        self._listing = Listing({"h_rt": "wall time", self._settings.memory_resource: "memory"})
        self._variables = Variables(
            job_id="JOB_ID",
            index="SGE_TASK_ID",
            restarts="RESTARTED",
            unset="undefined",
            first=OFFSET,
            orders=(99, 100),
            warnings=_WARNINGS if self._settings.notify else (),
        )
        self._single = single = Details()
        self._sources: tuple[Source, ...] = (
            (Accounting(), single) if self._settings.accounting else (single,)
        )

    @property
    def name(self) -> str:
        """Its name in settings."""
        return "sge"

    @property
    def programs(self) -> Sequence[str]:
        """What must be there; qsub, qstat and qdel are also the names of PBS's and Torque's programs."""
        return _PROGRAMS

    @property
    def variables(self) -> Variables:
        """What a running job finds; RESTARTED is 1 however often it was."""
        return self._variables

    @property
    def passes_environment(self) -> bool:
        """Tell that qsub does not, unless everybody is to read it (``-V``)."""
        return False

    @property
    def lists_one_account(self) -> bool:
        """Tell that a listing may be of several: qstat writes no user's ``<`` and no newline as it is."""
        return False

    @property
    def sources(self) -> Sequence[Source]:
        """The accounting, which knows jobs that have ended, and ``qstat -j``, which knows those that have not."""
        return self._sources

    def mark(self, tag: str) -> str:
        """Give what the job's name ends with."""
        return mark_of_tag(tag)

    def submit(self, request: Request) -> Command:
        """Give the qsub command; what is not ours comes first, so that ours wins.

        Raises:
            InvalidRequest: a value or a path cannot be passed on, or a setting is missing; the message says which.
        """
        elements: list[str] = []
        if request.elements is not None:
            elements = ["-t", to_option(request.elements.indices)]
            if request.elements.at_once is not None:
                elements += ["-tc", str(request.elements.at_once)]
        settings, native = self._settings, request.native
        return Command(
            argv=(
                "qsub",
                *native_options(native),
                *options.resource_options(request.resources, settings=settings, native=native),
                *options.attribute_options(request.attributes, settings=settings),
                *elements,
                *(["-notify"] if settings.notify else []),
                "-ac",
                f"headway={request.mark}",
                "-N",
                job_name(request.name, request.mark),
                "-o",
                _path(request.output, "output") + (".$TASK_ID" if elements else ""),
                "-j",
                "y",
                "-wd",
                _path(request.directory, "directory"),
                "-S",
                "/bin/sh",
                "-b",
                "n",
                "-terse",
                _path(request.script, "script"),
            ),
        )

    def submitted(self, output: Output) -> NativeId:
        """Read the id of the job, or of the whole array."""
        return answers.read_submitted(output)

    def printed(self, text: str) -> NativeId | None:
        """Find the last ``Your job 12 ("name") has been submitted``."""
        return last_id(_PRINTED, text)

    def element(self, array: NativeId, index: int) -> NativeId:
        """Give ``12.1`` for the first element of an array."""
        return NativeId(f"{array}.{index + OFFSET}")

    def listing(self) -> Command:
        """Give the command that lists what waits and runs; qstat itself puts the user's name for ``$user``."""
        return _listing("$user")

    def listing_of(self, accounts: Sequence[str]) -> Command:
        """Give the command that lists what waits and runs of these accounts."""
        return _listing(",".join(accounts))

    def listed_of(self, output: Output) -> Sequence[NativeJob]:
        """Read that, as ``listed``."""
        return self.listed(output)

    def listed(self, output: Output) -> Sequence[NativeJob]:
        """Read the listing."""
        rows = self._listing.read(output)
        return rows if self._starting is None else self._starting.doubted(rows)

    @property
    def explains(self) -> Source:
        """Ask ``qstat -j`` why a job could not be started."""
        return self._single

    def is_unexplained(self, row: NativeJob) -> bool:
        """Tell whether a job is in an error state."""
        return row.state is State.QUEUED and is_in_error(row.word)

    def cancel(self, ids: Sequence[NativeId]) -> Command:
        """Give the qdel command. It kills at once, unless the job was submitted with -notify: then SIGUSR2 comes before."""
        return Command(argv=("qdel", *dict.fromkeys(checked(each) for each in ids)))

    def cancelled(self, output: Output) -> None:
        """Read what qdel says of each job."""
        answers.check_cancelled(output)

    @property
    def details(self) -> Sequence[Detail]:
        """Ask ``qstat -j`` of a job that waits or runs, and ``qacct -j`` of one that has ended."""
        return (in_full.QUEUE, in_full.KEPT) if self._settings.accounting else (in_full.QUEUE,)

    def version(self) -> Command:
        """Give a command that every Grid Engine answers with its version, and that no other scheduler's qstat takes as an order.

        Not ``qsub -help``: PBS reads that as options, and would submit an empty job.
        """
        return Command(argv=("qstat", "-help"), environment=READ_IN)

    def read_version(self, output: Output) -> str:
        """Read the version."""
        return answers.read_version(output)

    def unheeded(self, spec: Spec) -> Sequence[str]:
        """Name what is not passed on, with the settings as they are."""
        return options.unheeded(spec, settings=self._settings)


def _listing(users: str) -> Command:
    return Command(argv=("qstat", "-u", users, "-s", "a", "-r", "-xml"), environment=READ_IN)


def _path(path: str, field: str) -> str:
    """Give a path that Grid Engine takes as it is; ``-o`` and ``-wd`` have a syntax of their own, and it cannot be quoted."""
    wrong = [character for character in ",:$" if field != "script" and character in path]
    if wrong or not path.startswith("/") or any(c in path for c in "\0\n\r"):
        why = f"it holds {' '.join(wrong)}" if wrong else "it is not absolute, or holds a line end"
        raise InvalidRequest(
            f"{field}: Grid Engine cannot be given the path {path!r}: {why}", field=field
        )
    return path
