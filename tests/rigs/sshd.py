"""A real OpenSSH server of a test's own, on loopback, for the user who runs the tests. ~/.ssh is left alone."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from tests.rigs.kept import Kept
from tests.rigs.processes import children, kill, pid_of, process

#: Programs, and the Debian packages that have them.
PROGRAMS: Final = {
    "/usr/sbin/sshd": "openssh-server",
    "ssh": "openssh-client",
}


class Sshd(Kept):
    """A host to which ``ssh -F CONFIG login`` connects with no questions, for the length of a ``with``.

    Its home is an empty one: no profile of whoever runs the tests is read.

    Attributes:
        config: the client's settings; ``login`` is the only host there.
        host: ``login``.
    """

    def __init__(self, *, session: Mapping[str, str] | None = None) -> None:
        """Start it; a tenth of a second.

        Args:
            session: variables that commands find in their environment there.

        Raises:
            NotStarted: it does not come up.
        """
        options: list[str] = []
        for name, value in (session or {}).items():
            options += ["--set", f"{name}={value}"]
        super().__init__("sshd", port_count=1, options=options)
        self.host = "login"
        self._orphans: set[int] = set()

    @property
    def config(self) -> Path:
        return self.directory / "config"

    def connections(self) -> int:
        """Count those that are open and past their beginning."""
        return len(self._sessions())

    def cut_connections(self) -> None:
        """End all connections as a network does that is cut: what runs there is told nothing, and runs on."""
        cut = self._sessions()
        kill(cut)
        self.wait(lambda: not any(map(process, cut)), "the connections to end")

    def stop_listening(self) -> None:
        """Take no more connections, until ``listen``; those that are open stay."""
        self._orphans = self._sessions()
        if pid := self._pid():
            kill({pid})
        self.wait(lambda: self._pid() is None, "sshd to end")

    def listen(self) -> None:
        """Take connections again, on the same port."""
        if self._pid() is None:
            self.restart()

    def mend(self) -> None:
        """Start again what was stopped."""
        self.listen()

    def _sessions(self) -> set[int]:
        """Give the processes of sshd's own that speak to clients; not what those have started."""
        below = self._orphans | (children({pid}) if (pid := self._pid()) else set())
        found = {each for pid in below if (each := process(pid))}
        return {each.pid for each in found if each.name.startswith("sshd")}

    def _pid(self) -> int | None:
        return pid_of(self.directory / "sshd.pid", "sshd")
