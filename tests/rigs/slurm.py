"""A real Slurm of a test's own: every daemon, key and file below one directory, on loopback ports that were free."""

import signal
import time
from collections.abc import Mapping
from typing import Final

from tests.rigs.kept import Kept
from tests.rigs.processes import children, kill, open_files, pid_of, processes, send

#: Programs, and the Debian packages that have them.
PROGRAMS: Final = {
    "slurmctld": "slurmctld",
    "slurmd": "slurmd",
    "sbatch": "slurm-client",
    "munged": "munge",
}
DBD_PROGRAMS: Final = {
    **PROGRAMS,
    "slurmdbd": "slurmdbd slurm-wlm-mysql-plugin",
    "mariadbd": "mariadb-server",
}
_FIRST_NODE_PORT: Final = 10  # as slurm-up.sh has it
_UP: Final = frozenset({"idle", "mixed", "allocated", "completing"})


class Slurm(Kept):
    """A cluster with virtual nodes ``n1``, ``n2``…, up for the length of a ``with``.

    Each claims two GPUs and 4 GB of memory; ``n1`` has the feature ``first``, all others ``rest``. The partitions are
    ``batch`` and, for five minutes at most, ``short``.
    """

    def __init__(
        self,
        *,
        nodes: int = 3,
        cpus: int = 4,
        dbd: bool = False,
        min_job_age_s: int = 600,
        cred_expire_s: int = 120,
    ) -> None:
        """Start it; a third of a second, with slurmdbd four.

        Args:
            nodes: how many.
            cpus: how many each node claims to have, whatever the machine has.
            dbd: also MariaDB and slurmdbd, so that sacct works.
            min_job_age_s: how long slurmctld remembers an ended job.
            cred_expire_s: how long a job that was put back into the queue waits there at least; not less than 5.

        Raises:
            NotStarted: it does not come up.
        """
        self.nodes = tuple(f"n{number}" for number in range(1, nodes + 1))
        options = ["--nodes", str(nodes), "--cpus", str(cpus)]
        options += ["--min-job-age", str(min_job_age_s), "--cred-expire", str(cred_expire_s)]
        options += ["--dbd"] if dbd else []
        super().__init__("slurm", port_count=_FIRST_NODE_PORT + nodes, options=options)
        self.environment = {"SLURM_CONF": str(self.directory / "etc" / "slurm.conf")}

    # Jobs

    def submit(self, script: str, *options: str) -> str:
        """Submit lines of shell; gives the job's id. Its output goes nowhere, unless ``options`` say where."""
        wrapped = f"--wrap={script}"
        return self.ask("sbatch", "--parsable", "--output=/dev/null", *options, wrapped)

    def job(self, job_id: str) -> Mapping[str, str]:
        """Give what ``scontrol show job`` says of a job (of a whole array: its first line)."""
        line = self.ask("scontrol", "--oneliner", "show", "job", job_id).splitlines()[0]
        return dict(word.split("=", 1) for word in line.split() if "=" in word)

    def until(self, job_id: str, *states: str) -> Mapping[str, str]:
        """Wait until a job is in one of these states: ``RUNNING``, ``COMPLETED``…"""
        self.wait(
            lambda: self.job(job_id)["JobState"] in states, f"job {job_id}: {' or '.join(states)}"
        )
        return self.job(job_id)

    def until_saved(self, comment: str) -> None:
        """Wait until a controller that is killed will remember all that is so now of the job with this comment.

        That takes up to five seconds. A state that was saved before the job ran would have Slurm end it: exit code 1.
        """
        saved = self.directory / "state" / "job_state"
        now_ns = time.time_ns()
        held = self.ask("sbatch", "--hold", "--parsable", "--output=/dev/null", "--wrap=true")
        self.ask("scancel", held.strip())  # has it save: it does so only when something has changed
        self.wait(
            lambda: (
                saved.exists()
                and saved.stat().st_mtime_ns > now_ns
                and comment.encode() in saved.read_bytes()
            ),
            f"{comment} on disk",
        )

    def clear(self) -> None:
        """Cancel all jobs of whoever runs the tests, and wait until the queue is empty."""
        self.run(["scancel", "--me"])
        self.wait(lambda: self.ask("squeue", "--noheader", "--me") == "", "an empty queue")

    # Trouble

    def kill_controller(self) -> None:
        """End slurmctld with KILL: what it was told in the last seconds and has not saved is lost."""
        self._kill("slurmctld")

    def start_controller(self) -> None:
        """Start slurmctld, if it does not run, from what it has saved; wait until it answers and has its nodes."""
        if self._pid("slurmctld") is not None:
            return
        self.ask("slurmctld")
        self.wait(lambda: " is UP" in self.run(["scontrol", "ping"]).text, "slurmctld to answer")
        self.ask("scontrol", "reconfigure")  # has nodes report at once; else it takes four seconds
        self.wait(lambda: "unknown" not in self._node_states().values(), "the nodes")

    def freeze_controller(self) -> None:
        """Stop slurmctld as it is: connections are taken, and nothing is ever answered, until ``thaw_controller``."""
        self._signal("slurmctld", signal.SIGSTOP)

    def thaw_controller(self) -> None:
        """Let slurmctld go on."""
        self._signal("slurmctld", signal.SIGCONT)

    def kill_slurmd(self, node: str) -> None:
        """End a node's slurmd with KILL; its jobs run on."""
        self._kill(f"slurmd.{node}")

    def crash_node(self, node: str) -> None:
        """End a node's slurmd and all its jobs with KILL, as a power cut does; slurmctld learns of it 27 s later."""
        self.kill_slurmd(node)
        log = self.directory / "log" / f"slurmd.{node}.log"
        steps = {each.pid for each in processes() if each.name == "slurmstepd"}
        steps = {pid for pid in steps if log in open_files(pid)}
        kill(steps | children(steps))

    def start_slurmd(self, node: str) -> None:
        """Start a node's slurmd, if it does not run, and wait until the node is up."""
        if self._pid(f"slurmd.{node}") is None:
            self.ask("slurmd", "-N", node)
        self.resume_node(node)

    def set_node_down(self, node: str) -> None:
        """Have slurmctld take a node for dead, and its jobs with it."""
        self.ask("scontrol", "update", f"nodename={node}", "state=down", "reason=test")

    def resume_node(self, node: str) -> None:
        """Have slurmctld take a node for alive again, if it does not."""
        if self.node_state(node) not in _UP:
            self.run(["scontrol", "update", f"nodename={node}", "state=resume"])
        self.wait(lambda: self.node_state(node) in _UP, f"{node} to be up")

    def node_state(self, node: str) -> str:
        """Give a node's state as ``sinfo`` has it: ``idle``, ``mixed``, ``down*``…"""
        return self._node_states()[node]

    def mend(self) -> None:
        """Let all go on, start again whatever has been killed, and take back nodes that were set down."""
        self.thaw_controller()
        self.start_controller()
        for node in self.nodes:
            if self._pid(f"slurmd.{node}") is None:
                self.start_slurmd(node)
        for node, state in self._node_states().items():
            if state not in _UP:
                self.resume_node(node)

    def _node_states(self) -> Mapping[str, str]:
        lines = self.ask("sinfo", "--noheader", "--Node", "--format=%N %T").splitlines()
        return dict(line.split() for line in lines)

    def _kill(self, daemon: str) -> None:
        self._signal(daemon, signal.SIGKILL)
        self.wait(lambda: self._pid(daemon) is None, f"{daemon} to end")

    def _signal(self, daemon: str, number: signal.Signals) -> None:
        if pid := self._pid(daemon):
            send({pid}, number)

    def _pid(self, daemon: str) -> int | None:
        return pid_of(self.directory / "run" / f"{daemon}.pid", daemon.partition(".")[0])
