"""A server, and programs, whose every opening of a pickle is written down, by Python itself."""

import os
import pickle
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

import httpx
from typing_extensions import override

from headway.testing.server import ServerProcess, running_server

#: Python imports a module of this name when it starts, wherever that is.
_NAME: Final = "sitecustomize.py"
_WATCH: Final = """
import os, sys

def watch(event, arguments):
    if event in {"pickle.find_class", "os.system"} or (
        event == "import" and arguments[0] in {"cloudpickle", "headway.executors.functions.runner"}
    ):
        file = os.open(PLACE, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        os.write(file, f"{os.getpid()} {event} {arguments[0]}\\n".encode())
        os.close(file)

sys.addaudithook(watch)
"""


class Seen(NamedTuple):
    """What was written down: which process did what, and of what."""

    pid: int
    what: str
    of: str


class Bomb:
    """Runs a command when it is unpickled."""

    def __init__(self, place: Path) -> None:
        self.place = str(place)

    @override
    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, (f"echo $PPID >>{self.place}",)


class Watched:
    """A server that is watched.

    Attributes:
        bomb: a pickle, as bytes.
        text: one that is text, too.
        went_off: the file that each explosion adds to.
    """

    def __init__(self, server: ServerProcess, place: Path, environment: Mapping[str, str]) -> None:
        self.server = server
        self.environment = environment
        self.went_off = place / "went-off"
        self.bomb = pickle.dumps(Bomb(self.went_off))
        self.text = pickle.dumps(Bomb(self.went_off), protocol=0).decode()
        self._seen = place / "seen"

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        """Ask the native protocol."""
        return httpx.request(method, f"{self.server.url}/api/v1{path}", timeout=60, **more)

    def seen(self) -> list[Seen]:
        """Give all that was written down."""
        lines = self._seen.read_text().splitlines() if self._seen.exists() else []
        words = [line.split(" ", 2) for line in lines]
        return [Seen(int(pid), what, of) for pid, what, of in words]

    def of_server(self) -> list[Seen]:
        """Give what the server itself did: no pickle opened, nothing run by a shell, nothing imported that would."""
        return [seen for seen in self.seen() if seen.pid == self.server.pid]


@contextmanager
def watched_server(place: Path, *, configuration: str = "") -> Iterator[Watched]:
    """Run a server that is watched, and whatever it starts."""
    (place / _NAME).write_text(f"PLACE = {str(place / 'seen')!r}\n{_WATCH}")
    environment = {"PYTHONPATH": os.pathsep.join(filter(None, (str(place), _PATH)))}
    file = place / "headway.toml"
    file.write_text(configuration)
    arguments = ("--config", str(file))
    with running_server(place / "data", arguments=arguments, environment=environment) as server:
        yield Watched(server, place, environment)


_PATH: Final = os.environ.get("PYTHONPATH", "")  # noqa: TID251 -- a test's own
