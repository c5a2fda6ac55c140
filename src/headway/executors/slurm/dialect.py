"""Slurm's commands: sbatch, squeue, scancel, scontrol and sacct, of 20.02 or newer (accounting: 21.08)."""

import re
import secrets
from collections.abc import Sequence
from typing import Final

from headway.core.errors import ExecutorRejected, ExecutorUnavailable, InvalidRequest
from headway.core.model.names import NativeId
from headway.core.model.spec import Spec
from headway.executors.batch.answered import last_id
from headway.executors.batch.command import Command, Output
from headway.executors.batch.detail import Detail
from headway.executors.batch.dialect import Source, Variables
from headway.executors.batch.native import NativeJob
from headway.executors.batch.request import Request
from headway.executors.slurm import answers, listing
from headway.executors.slurm.accounting import Accounting
from headway.executors.slurm.arrays import in_sets
from headway.executors.slurm.details import details_of
from headway.executors.slurm.options import checked_id, options_of
from headway.executors.slurm.remembered import Remembered
from headway.executors.slurm.table import fence_of
from headway.executors.slurm.variables import ASKING, CANCELLING, SUBMITTING

_MARK: Final = "headway:"
_CLUSTER: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
_OWN: Final = "slurm."
_VERSION: Final = re.compile(r"slurm\S* (?P<version>[0-9]+\.[0-9]+\S*)\s*", re.IGNORECASE)

_PINGED: Final = re.compile(r"^Slurmctld\S*(?: at \S+)? is (UP|DOWN)\b", re.MULTILINE)
_PING_S: Final = (
    2.0  #: one that takes connections and does not answer is slow; ping waits for it, too
)
#: What the submitting command says by itself.
_PRINTED: Final = re.compile(r"\bSubmitted batch job ([1-9][0-9]*)\b", re.MULTILINE)


class SlurmDialect:
    """Slurm.

    Args:
        cluster: the name of one of several clusters that share their accounting, as ``sacctmgr list clusters`` shows it; "" for
            that of slurm.conf.
        fence: what separates cells in what squeue and sacct print; nobody who names jobs may know it. Made by chance when not
            given.
    """

    name = "slurm"
    programs: Sequence[str] = ("sbatch", "squeue", "scancel", "scontrol", "sacct")
    passes_environment = True
    lists_one_account = False  # what separates cells is known to no user
    variables = Variables(
        job_id="SLURM_JOB_ID",
        array_id="SLURM_ARRAY_JOB_ID",
        index="SLURM_ARRAY_TASK_ID",
        restarts="SLURM_RESTART_COUNT",
    )

    def __init__(self, *, cluster: str = "", fence: str = "") -> None:
        if cluster and not _CLUSTER.fullmatch(cluster):
            raise InvalidRequest(
                f"{cluster[:60]!r} is no name of one Slurm cluster", field="cluster"
            )
        self._where = (f"--clusters={cluster}",) if cluster else ()
        self._fence = fence_of(fence or f"f{secrets.token_hex(4)}")
        self._reader = listing.Reader(self._fence)
        self.sources: Sequence[Source] = (
            Remembered(self._fence, self._where),
            Accounting(self._fence, self._where),
        )
        self.details: Sequence[Detail] = details_of(self._fence, self._where)

    def mark(self, tag: str) -> str:
        """Give the comment of the job with this tag."""
        return f"{_MARK}{tag}"

    def submit(self, request: Request) -> Command:
        """Give the command that submits. It reads the script: slurmctld keeps a copy, so no file of it is ever needed.

        Raises:
            InvalidRequest: an option cannot be passed on as it is; the message names the field.
        """
        argv = ("sbatch", *options_of(request), *self._where)
        return Command(argv=argv, stdin=request.text, without=SUBMITTING)

    def submitted(self, output: Output) -> NativeId:
        """Read the id of the job, or of the whole array.

        Raises:
            ExecutorRejected: refused for good, in Slurm's words.
            ExecutorUnavailable: it is not known whether it was taken.
        """
        return answers.submitted(output)

    def printed(self, text: str) -> NativeId | None:
        """Find the last ``Submitted batch job 12``."""
        return last_id(_PRINTED, text)

    def element(self, array: NativeId, index: int) -> NativeId:
        """Give ``12_0`` for the first element of an array."""
        return NativeId(f"{array}_{index}")

    def listing(self) -> Command:
        """List this user's jobs, and those that have ended within MinJobAge (five minutes by default)."""
        return listing.command(self._fence, *self._where, "--me", "--states=all")

    def listing_of(self, accounts: Sequence[str]) -> Command:
        """List the jobs of these accounts, as ``listing``. Its fence is where no other user can read it: not in argv."""
        return listing.hidden(
            self._fence, *self._where, f"--user={','.join(accounts)}", "--states=all"
        )

    def listed_of(self, output: Output) -> Sequence[NativeJob]:
        """Read that, as ``listed``."""
        return self.listed(output)

    def listed(self, output: Output) -> Sequence[NativeJob]:
        """Read the listing.

        A listing cut right after a row, by a program that then says that all went well, is the one that is not seen through:
        whoever misses a job in it asks ``sources`` before anything is concluded.

        Raises:
            ExecutorUnavailable: this is no listing, or not a whole one.
        """
        return self._reader.read(output)

    def cancel(self, ids: Sequence[NativeId]) -> Command:
        """End these jobs: SIGTERM, and SIGKILL after the cluster's KillWait."""
        named = in_sets(map(checked_id, ids))
        return Command(argv=("scancel", *self._where, *named), without=CANCELLING)

    def cancelled(self, output: Output) -> None:
        """Read what came of it.

        Raises:
            ExecutorUnavailable: the controller was not reached.
            ExecutorRejected: it will not let us.
        """
        answers.cancelled(output)

    def version(self) -> Command:
        """Ask for the version."""
        return Command(argv=("squeue", "--version"))

    def read_version(self, output: Output) -> str:
        """Read ``slurm 23.02.7`` or Debian's ``slurm-wlm 22.05.8``.

        Raises:
            ExecutorRejected: it is another program called squeue.
            ExecutorUnavailable: no answer.
        """
        if output.exit_code or not output.stdout.strip():
            raise ExecutorUnavailable(f"squeue --version: {output.complaint}")
        found = _VERSION.fullmatch(output.text)
        if found is None:
            said = output.text.strip().splitlines()[0][:100]
            raise ExecutorRejected(f"this squeue is not Slurm's; it says {said!r}")
        return found["version"]

    def ping(self) -> Command:
        """Ask whether a controller answers. squeue and its kin try for MessageTimeout (ten seconds) to reach a dead one."""
        return Command(argv=("scontrol", *self._where, "ping"), without=ASKING, limit_s=_PING_S)

    def dead(self, output: Output) -> str:
        """Read ``Slurmctld(primary) at host is DOWN``; with a backup there are more lines."""
        states = _PINGED.findall(output.text)
        return "slurmctld does not answer" if states and set(states) == {"DOWN"} else ""

    def unheeded(self, spec: Spec) -> Sequence[str]:
        """Name what is not asked for: other schedulers' own options."""
        return [
            f"attributes.custom_attributes.{name}"
            for name in spec.attributes.custom_attributes
            if not name.startswith(_OWN)
        ]
