"""IBM Spectrum LSF and its classic relatives, behind one dialect. Pure."""

import re
from collections.abc import Sequence
from typing import Final

from headway.core.model.names import NativeId
from headway.core.model.spec import Spec
from headway.executors.batch.answered import last_id
from headway.executors.batch.command import Command, Output
from headway.executors.batch.detail import Detail
from headway.executors.batch.dialect import Source, Variables
from headway.executors.batch.native import NativeJob
from headway.executors.batch.request import Request
from headway.executors.lsf import names
from headway.executors.lsf.answers import (
    checked_ids,
    read_cancelled,
    read_dead,
    read_submitted,
    says_no_such_job,
    says_unknown_option,
)
from headway.executors.lsf.flavour import Flavour, read_lsid
from headway.executors.lsf.long import read_texts
from headway.executors.lsf.records import FIELDS, read_records
from headway.executors.lsf.submission import bsub
from headway.executors.lsf.times import ENVIRONMENT, Now
from headway.executors.lsf.wide import read_table

#: How many of LSF's event logs bhist searches; they are switched by size, and all of them may be gigabytes.
_EVENT_LOGS: Final = "2"
#: A user's own format of the table would be no table that can be read.
_WITHOUT: Final = frozenset({"LSB_BJOBS_FORMAT"})

_PING_S: Final = 2.0
#: By itself a command tries for ever to reach an mbatchd that is not there; the variable has it try so often.
_ONCE: Final = {**ENVIRONMENT, "LSB_NTRIES": "1"}

#: What the submitting command says by itself.
_PRINTED: Final = re.compile(r"\bJob <([1-9][0-9]*)> is submitted to ", re.MULTILINE)


class LsfDialect:
    """LSF's commands: ``bsub``, ``bjobs``, ``bkill``, ``bhist``, ``lsid``.

    What IBM's prints as JSON was written after its documentation, and after answers of LSF 10.1 that others have published; the
    classic texts after what OpenLava 2.2 was seen to print.

    Attributes:
        flavour: which family's words are used. When it was not set, it is what ``read_version`` saw last, and IBM's before.
    """

    def __init__(self, *, flavour: Flavour | str | None = None, now: Now | None = None) -> None:
        """Make one cluster's dialect.

        Args:
            flavour: a setting; None to learn it from ``version()``, which is to be asked before the first submission.
            now: tells the time: LSF's times have no year. Without it those times are left out.
        """
        self._is_set = flavour is not None
        self.flavour = Flavour(flavour) if flavour is not None else Flavour.IBM
        self._now = now

    @property
    def name(self) -> str:
        """Give LSF's name in settings."""
        return "lsf"

    @property
    def programs(self) -> Sequence[str]:
        """Name the programs."""
        return ("bsub", "bjobs", "bkill", "bhist", "lsid")

    @property
    def variables(self) -> Variables:
        """Name what a running job finds; LSF tells no job how often it was requeued."""
        return Variables(
            job_id="LSB_JOBID", index="LSB_JOBINDEX", unset="0", first=names.FIRST_INDEX
        )

    @property
    def passes_environment(self) -> bool:
        """Tell that bsub hands its environment on."""
        return True

    @property
    def sources(self) -> Sequence[Source]:
        """Ask ``bjobs``, which knows ended jobs for an hour (CLEAN_PERIOD), then ``bhist``, which reads the event logs.

        The other way round with the classic words: only bhist tells there who or what ended a job.
        """
        both: tuple[Source, Source] = (_Bjobs(self), _Bhist(self))
        return both if self.flavour is Flavour.IBM else both[::-1]

    def mark(self, tag: str) -> str:
        """Give the mark: the description with IBM's, a part of the name elsewhere."""
        return names.mark_of(tag)

    def submit(self, request: Request) -> Command:
        """Call ``bsub``. It gets no environment of ours: what it has becomes the job's."""
        return Command(argv=bsub(request, self.flavour))

    def submitted(self, output: Output) -> NativeId:
        """Read ``Job <1> is submitted to …``."""
        return read_submitted(output)

    def printed(self, text: str) -> NativeId | None:
        """Find the last ``Job <12> is submitted to …``."""
        return last_id(_PRINTED, text)

    def element(self, array: NativeId, index: int) -> NativeId:
        """Give ``12[1]`` for the first element of an array."""
        return NativeId(f"{array}[{index + names.FIRST_INDEX}]")

    def listing(self) -> Command:
        """List all of this user's jobs, and those that ended within CLEAN_PERIOD (an hour by default)."""
        return self._listing()

    @property
    def lists_one_account(self) -> bool:
        """Tell that a listing is of one account: of several, ``bjobs -u`` takes only all, and names in its tables hold anything."""
        return True

    def listing_of(self, accounts: Sequence[str]) -> Command:
        """List all jobs of this account, as ``listing``."""
        return self._listing("-u", *accounts)

    def listed_of(self, output: Output) -> Sequence[NativeJob]:
        """Read that, as ``listed``."""
        return self.listed(output)

    def _listing(self, *choice: str) -> Command:
        if self.flavour is Flavour.IBM:
            return _asking("bjobs", *choice, "-a", "-o", FIELDS, "-json")
        return _asking("bjobs", *choice, "-w", "-a")

    def listed(self, output: Output) -> Sequence[NativeJob]:
        """Read the listing. The classic one tells of no exit codes: its EXIT is failed without a reason.

        An answer that IBM's options are unknown teaches the flavour, too; the next listing is asked for in the other words.
        """
        if self.flavour is Flavour.IBM:
            if not self._is_set and says_unknown_option(output):
                self.flavour = Flavour.CLASSIC
            return read_records(output, self._now)
        return read_table(output, self._now)

    def cancel(self, ids: Sequence[NativeId]) -> Command:
        """Call ``bkill``: LSF sends INT, TERM and KILL, ten seconds apart by default."""
        return _asking("bkill", *checked_ids(ids))

    def cancelled(self, output: Output) -> None:
        """Read a line for each job."""
        read_cancelled(output)

    @property
    def details(self) -> Sequence[Detail]:
        """Ask ``bjobs -l``, then ``bhist -l``."""
        return _DETAILS

    def version(self) -> Command:
        """Call ``lsid``, which also tells whether LSF's daemons answer."""
        return _asking("lsid")

    def read_version(self, output: Output) -> str:
        """Read the version, and learn the flavour from it where none is set."""
        version = read_lsid(output)
        if not self._is_set:
            self.flavour = version.flavour
        return version.text

    def ping(self) -> Command:
        """Have ``bjobs`` try once. A daemon that takes connections and does not answer is slow, and this is, too."""
        return Command(argv=("bjobs",), environment=_ONCE, without=_WITHOUT, limit_s=_PING_S)

    def dead(self, output: Output) -> str:
        """Read what is said where nobody takes connections."""
        return read_dead(output)

    def unheeded(self, spec: Spec) -> Sequence[str]:
        """Name what LSF has no option for, and other schedulers' own options."""
        ignored = [
            f"attributes.custom_attributes.{name}"
            for name in spec.attributes.custom_attributes
            if not name.startswith(f"{self.name}.")
        ]
        if self.flavour is Flavour.CLASSIC:
            if spec.attributes.reservation_id is not None:
                ignored.append("attributes.reservation_id")
            if spec.resources.gpu_cores_per_process:
                ignored.append("resources.gpu_cores_per_process")
        return ignored

    def read_jobs(self, output: Output) -> Sequence[NativeJob]:
        """Read what ``bjobs`` says of single jobs."""
        if self.flavour is Flavour.IBM:
            return read_records(output, self._now)
        return read_texts(output, self._now, program="bjobs")

    def read_history(self, output: Output) -> Sequence[NativeJob]:
        """Read what ``bhist`` says of single jobs."""
        return read_texts(output, self._now, program="bhist")


class _Bjobs:
    """LSF's memory."""

    name = "bjobs"

    def __init__(self, dialect: LsfDialect) -> None:
        self._dialect = dialect

    def ask(self, ids: Sequence[NativeId]) -> Command:
        if self._dialect.flavour is Flavour.IBM:
            return _asking("bjobs", "-a", "-o", FIELDS, "-json", *checked_ids(ids))
        return _asking("bjobs", "-l", *checked_ids(ids))

    def read(self, output: Output) -> Sequence[NativeJob]:
        return self._dialect.read_jobs(output)


class _Bhist:
    """LSF's event logs."""

    name = "bhist"

    def __init__(self, dialect: LsfDialect) -> None:
        self._dialect = dialect

    def ask(self, ids: Sequence[NativeId]) -> Command:
        return _history(ids)

    def read(self, output: Output) -> Sequence[NativeJob]:
        return self._dialect.read_history(output)


def _asking(*argv: str) -> Command:
    return Command(argv=argv, environment=ENVIRONMENT, without=_WITHOUT)


def _history(ids: Sequence[NativeId]) -> Command:
    return _asking("bhist", "-l", "-n", _EVENT_LOGS, *checked_ids(ids))


_DETAILS: Final = (
    Detail(
        "bjobs",
        lambda native_id: _asking("bjobs", "-l", *checked_ids([native_id])),
        knows_none=says_no_such_job,
    ),
    Detail("bhist", lambda native_id: _history([native_id]), knows_none=says_no_such_job),
)
