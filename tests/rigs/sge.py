"""A real Grid Engine of a test's own: one host, its daemons and files below one directory, on loopback ports that were free."""

from collections.abc import Mapping
from typing import Final

from tests.rigs.kept import Kept
from tests.rigs.processes import kill, pid_of

#: Programs, and the Debian packages that have them.
PROGRAMS: Final = {
    "/usr/lib/gridengine/sge_qmaster": "gridengine-master",
    "/usr/lib/gridengine/sge_execd": "gridengine-exec",
    "qsub": "gridengine-client",
}
_DAEMONS: Final = {"qmaster": "sge_qmaster", "execd": "sge_execd"}


class GridEngine(Kept):
    """One host with the queue ``all.q``, and the parallel environments ``smp`` and ``mpi``, up for the length of a ``with``.

    Takes root, as its execd does.
    """

    def __init__(self, *, slots: int = 4) -> None:
        """Start it, in some five seconds.

        Raises:
            NotStarted: it does not come up.
        """
        super().__init__("sge", port_count=2, options=["--slots", str(slots)])
        self.environment = _exports((self.directory / "env.sh").read_text())

    def submit(self, script: str, *options: str) -> str:
        """Submit lines of shell; gives the job's id. Its output goes nowhere, unless ``options`` say where."""
        fixed = ("qsub", "-terse", "-S", "/bin/sh", "-o", "/dev/null", "-j", "y")
        # as a script: with -b y a shell takes the arguments apart again
        output = self.run([*fixed, *options], stdin=script.encode())
        assert output.exit_code == 0, output.complaint
        return output.text.strip().partition(".")[0]  # an array's: 7.1-3:1

    def queue(self) -> Mapping[str, str]:
        """Give the state (``r``, ``qw``, ``Eqw``…) of each job that has not ended, by id; of an array's, the last line's."""
        lines = self.ask("qstat", "-u", "*").splitlines()[2:]
        return {words[0]: words[4] for words in (line.split() for line in lines)}

    def until(self, job_id: str, state: str) -> None:
        """Wait until a job is so: ``r``, ``qw``, ``hqw``…"""
        self.wait(lambda: self.queue().get(job_id) == state, f"job {job_id} to be {state}")

    def until_ended(self, job_id: str) -> Mapping[str, str]:
        """Wait until a job is in the accounting; gives what that says of it."""
        self.wait(lambda: self.run(["qacct", "-j", job_id]).exit_code == 0, f"job {job_id} to end")
        lines = self.ask("qacct", "-j", job_id).splitlines()
        return {line.split()[0]: line.partition(" ")[2].strip() for line in lines[1:]}

    def clear(self) -> None:
        """Delete all jobs, and wait until the queue is empty."""
        self.run(["qdel", "-f", "-u", "*"])
        self.wait(lambda: not self.queue(), "an empty queue")

    def kill_qmaster(self) -> None:
        """End the qmaster with KILL; jobs run on."""
        self._kill("qmaster")

    def kill_execd(self) -> None:
        """End the host's execd with KILL; its jobs run on."""
        self._kill("execd")

    def mend(self) -> None:
        """Start again what has been killed, and wait until it answers."""
        if not self._pid("qmaster"):
            self._kill("execd")  # else it looks for the new qmaster after half a minute only
        if not self._pid("execd"):
            self.restart()

    def _kill(self, daemon: str) -> None:
        if pid := self._pid(daemon):
            kill({pid})
        self.wait(lambda: self._pid(daemon) is None, f"{daemon} to end")

    def _pid(self, daemon: str) -> int | None:
        return pid_of(self.directory / "run" / f"{daemon}.pid", _DAEMONS[daemon])


def _exports(script: str) -> Mapping[str, str]:
    words = script.split()
    return dict(word.split("=", 1) for word in words if "=" in word)
