"""OpenPBS and PBS Professional. Pure."""

import re
from collections.abc import Sequence
from typing import Final

from headway.core.errors import ExecutorUnavailable
from headway.core.model.names import NativeId
from headway.core.model.spec import Spec
from headway.executors.batch.answered import last_id
from headway.executors.batch.command import Command, Output
from headway.executors.batch.detail import Detail, says
from headway.executors.batch.dialect import Source, Variables
from headway.executors.batch.native import NativeJob
from headway.executors.batch.request import Request
from headway.executors.batch.values import option_value
from headway.executors.pbs import names
from headway.executors.pbs.answers import (
    UNKNOWN_JOB,
    read_cancelled,
    read_submitted,
    read_version,
)
from headway.executors.pbs.listing import read_jobs, tells_json
from headway.executors.pbs.names import checked_ids
from headway.executors.pbs.records import native_jobs
from headway.executors.pbs.submission import qsub

#: qstat prints times with ctime(3), by its own zone.
_ENVIRONMENT: Final = {"TZ": "UTC0", "LC_ALL": "C"}
_NO_HISTORY: Final = "not configured to maintain job history"
_CONNECTED: Final = frozenset({0, 153, 35})

#: What the submitting command says by itself.
_PRINTED: Final = re.compile(r"^([0-9]+(?:\[\])?\.[A-Za-z0-9][A-Za-z0-9._-]*)$", re.MULTILINE)


class PbsDialect:
    """PBS's commands: ``qsub``, ``qstat``, ``qdel``.

    Written after what OpenPBS 23.06 was seen to answer, and after its sources and manual pages; not for Torque, whose commands
    have the same names.
    """

    def __init__(self, *, user: str = "", history: bool = True) -> None:
        """Make one cluster's dialect.

        Args:
            user: whose jobs are listed; the server then sends no others. Empty lists all that it lets us see, as PBS's qstat
                has no word for "mine": much on a busy server, of which others' jobs are left out here.
            history: the server keeps ended jobs (``job_history_enable``). Without it an ended job is known by its own exit
                record only.
        """
        self._user = option_value(user, field="user") if user else ""
        self._has_history = history

    @property
    def name(self) -> str:
        """Give PBS's name in settings."""
        return "pbs"

    @property
    def programs(self) -> Sequence[str]:
        """Name the programs."""
        return ("qsub", "qstat", "qdel")

    @property
    def variables(self) -> Variables:
        """Name what a running job finds; in an element PBS_JOBID is the element's own id, and no variable counts its runs."""
        return Variables(job_id="PBS_JOBID", index="PBS_ARRAY_INDEX")

    @property
    def passes_environment(self) -> bool:
        """Tell that qsub does not, unless it is to be in every listing (``-V``)."""
        return False

    @property
    def lists_everybody(self) -> bool:
        """Tell that the listing has other users' jobs; see headway.executors.batch.whose."""
        return not self._user

    @property
    def sources(self) -> Sequence[Source]:
        """Ask ``qstat -x`` about jobs that have left the queue."""
        return (_History(),) if self._has_history else ()

    def mark(self, tag: str) -> str:
        """Give the value of the variable that every job of ours has."""
        return names.mark_of(tag)

    def submit(self, request: Request) -> Command:
        """Call ``qsub``."""
        return Command(argv=qsub(request))

    def submitted(self, output: Output) -> NativeId:
        """Read the id: ``1234.server``, ``1234[].server`` for an array."""
        return read_submitted(output)

    def printed(self, text: str) -> NativeId | None:
        """Find the last ``12.server``."""
        return last_id(_PRINTED, text)

    def element(self, array: NativeId, index: int) -> NativeId:
        """Give ``12[0].server`` for the first element of an array."""
        return NativeId(array.replace("[]", f"[{index}]", 1))

    def listing(self) -> Command:
        """List the jobs that have not ended, with the elements of arrays.

        Not ``-x``: it would list all that ended within job_history_duration, two weeks by default. qstat takes ``-u`` only
        for tables, and for ``-w -f`` (since PBS Professional 18.1), which is text.
        """
        return (
            self.listing_of([self._user])
            if self._user
            else _asking("qstat", "-t", "-f", "-F", "json")
        )

    @property
    def lists_one_account(self) -> bool:
        """Tell that a listing is of one account: what a user puts into a job's variables stands in it as it is."""
        return True

    def listing_of(self, accounts: Sequence[str]) -> Command:
        """List what has not ended of this account's."""
        return _asking("qstat", "-t", "-u", ",".join(accounts), "-w", "-f")

    def listed_of(self, output: Output) -> Sequence[NativeJob]:
        """Read that, which is text: nothing where there are no jobs."""
        if output.exit_code != 0 or output.stderr.strip():
            raise ExecutorUnavailable(f"qstat failed: {output.complaint}")
        return native_jobs(read_jobs(output))

    def listed(self, output: Output) -> Sequence[NativeJob]:
        """Read the listing."""
        if not self._user and output.exit_code == 0 and not tells_json(output):
            raise ExecutorUnavailable(f"qstat gave no listing: {output.complaint}")
        return self.listed_of(output)

    def cancel(self, ids: Sequence[NativeId]) -> Command:
        """Call ``qdel``: PBS sends TERM, and KILL after the queue's kill_delay (ten seconds by default)."""
        return _asking("qdel", *checked_ids(ids))

    def cancelled(self, output: Output) -> None:
        """Read what could not be ended."""
        read_cancelled(output)

    @property
    def details(self) -> Sequence[Detail]:
        """Ask ``qstat -f``, then ``-x`` where the server keeps ended jobs: one that keeps none answers that with nothing at all."""
        return (_QUEUE, _KEPT) if self._has_history else (_QUEUE,)

    def version(self) -> Command:
        """Ask qsub itself: three schedulers have one."""
        return _asking("qsub", "--version")

    def read_version(self, output: Output) -> str:
        """Read the version, and refuse Grid Engine's and Torque's qsub."""
        return read_version(output)

    def unheeded(self, spec: Spec) -> Sequence[str]:
        """Name what PBS has no option for, and other schedulers' own options; a reservation is a queue, so it takes the queue's place."""
        ignored = [
            f"attributes.custom_attributes.{name}"
            for name in spec.attributes.custom_attributes
            if not name.startswith(f"{self.name}.")
        ]
        if spec.attributes.reservation_id is not None and spec.attributes.queue_name is not None:
            ignored.append("attributes.queue_name")
        return ignored


class _History:
    """The server's memory of ended jobs."""

    name = "qstat -x"
    asked_of_all = True  #: see headway.executors.batch.dialect.is_asked_of_all

    def ask(self, ids: Sequence[NativeId]) -> Command:
        return _asking("qstat", "-x", "-t", "-f", "-F", "json", *checked_ids(ids))

    def read(self, output: Output) -> Sequence[NativeJob]:
        complaints = output.stderr.decode("utf-8", "replace").splitlines()
        unexpected = [
            each
            for each in complaints
            if each.strip() and _NO_HISTORY not in each and not UNKNOWN_JOB.fullmatch(each.strip())
        ]
        if unexpected or output.exit_code not in _CONNECTED or not tells_json(output):
            raise ExecutorUnavailable(f"qstat failed: {output.complaint}")
        return native_jobs(read_jobs(output))


def _asking(*argv: str) -> Command:
    return Command(argv=argv, environment=_ENVIRONMENT)


_GONE: Final = re.compile(f"{UNKNOWN_JOB.pattern}|Job has finished|{_NO_HISTORY}")
_QUEUE: Final = Detail(
    "qstat",
    lambda native_id: _asking("qstat", "-f", *checked_ids([native_id])),
    knows_none=says(_GONE),
)
_KEPT: Final = Detail(
    "qstat -x",
    lambda native_id: _asking("qstat", "-x", "-f", *checked_ids([native_id])),
    knows_none=says(_GONE),
)
