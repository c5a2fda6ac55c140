"""Functions instead of commands for the suite of executors, and an executor of real worker processes on a directory."""

import hashlib
import hmac
import os
import shlex
import signal
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import cloudpickle
import msgspec
from typing_extensions import override

from headway.core.model.function import Function
from headway.core.ports.executor import Executor, Launch
from headway.executors.functions.plugin import plugin
from headway.testing.executor_witness import Witness

KEY: Final = "the owner's key"


class WallClock:
    """The machine's own time."""

    def now(self) -> datetime:
        return datetime.now(UTC)  # noqa: TID251 -- this is the Clock


class FunctionScene:
    """A directory for data and one for functions; makes executors with two workers."""

    def __init__(self, place: Path, **settings: object) -> None:
        self.data = place / "clusters" / "functions"
        self.data.mkdir(parents=True)
        (place / "root").mkdir()
        self.root = str(place / "root")
        self.inherited: Mapping[str, str] = {"GIVEN_TO_ALL": "server's"}
        self.settings: dict[str, object] = {"workers": 2, "grace_s": 5, "idle_s": 2, **settings}

    def make(self) -> Executor:
        """Make an executor on the same data."""
        base = {"PATH": os.defpath, "PYTHONPATH": "", **self.inherited}
        return plugin.make(self.settings, clock=WallClock(), data=self.data, base_environment=base)

    def put(self, path: str, data: bytes) -> None:
        """Write a file."""
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        fresh = Path(f"{path}.new")
        fresh.write_bytes(data)
        fresh.chmod(0o755)
        fresh.rename(path)

    def get(self, path: str) -> bytes | None:
        """Read a file."""
        try:
            return Path(path).read_bytes()
        except FileNotFoundError:
            return None

    def workers(self) -> list[int]:
        """Give the pids of all workers of this data directory that have said who they are."""
        told = [file.read_text() for file in self.data.glob("workers/*/process")]
        return [int(words.split()[0]) for words in told if words]

    def clean_up(self) -> None:
        """Kill the workers."""
        for pid in self.workers():
            with suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)


class FunctionWitness(Witness):
    """Hands over functions: commands as lines of shell, and Python."""

    @override
    def launch(self, *command: str, **options: object) -> Launch:
        """Make a launch of a line of shell that is a command."""
        return self.line(shlex.join(command), **options)

    @override
    def shell(self, script: str, **options: object) -> Launch:
        """Make a launch of lines of shell in the scene's own directory."""
        return self.line(script, **{"directory": self.scene.root, **options})

    def line(self, script: str, **options: object) -> Launch:
        """Make a launch of lines of shell."""
        return self._of(Function(shell=script), options)

    def python(self, *lines: str, rerun: int = 0, **options: object) -> Launch:
        """Make a launch of lines of Python."""
        return self._of(Function(source="\n".join(lines), rerun=rerun), options)

    def call(
        self,
        function: Callable[..., object],
        /,
        *args: object,
        key: str = KEY,
        rerun: int = 0,
        **options: object,
    ) -> Launch:
        """Make a launch of a Python function, signed."""
        pickled: bytes = cloudpickle.dumps((function, args, {}))
        return self.pickled(pickled, signature=signed(pickled, key), rerun=rerun, **options)

    def pickled(
        self, pickled: bytes, *, signature: str, rerun: int = 0, **options: object
    ) -> Launch:
        """Make a launch of bytes."""
        return self._of(Function(pickled=pickled, signature=signature, rerun=rerun), options)

    def _of(self, function: Function, options: dict[str, object]) -> Launch:
        launch = super().launch(**options)  # type: ignore[arg-type]  # as the suite's own
        spec = msgspec.structs.replace(launch.spec, function=function)
        return msgspec.structs.replace(launch, spec=spec, key=KEY)


def signed(pickled: bytes, key: str = KEY) -> str:
    """Sign as a client does."""
    return hmac.new(key.encode(), pickled, hashlib.sha256).hexdigest()
