"""What a cluster's engine keeps of its attempts, in files of its own: the task, who has claimed it, how it ended."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from headway.core.model.names import Tag
from headway.core.ports.executor import LogPart
from headway.executors.functions.engine import Task
from headway.lib.jsonvalue import JsonObject

_TASK: Final = "task"
_CLAIM: Final = "claim"
_OUTCOME: Final = "outcome"
_CANCELLED: Final = "cancelled"
_NEW: Final = ".new"
T = TypeVar("T")


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """The worker that runs an attempt."""

    worker: str
    host: str = ""
    pid: int = 0
    at: float = 0.0


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """How an attempt ended, as its worker says."""

    worker: str
    outcome: JsonObject
    data: bytes = b""
    stdout: str = ""
    stderr: str = ""


class Books:
    """One directory for each attempt. What ``write`` calls durable is so when it returns; those calls take a disk's time."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def tags(self) -> Iterator[Tag]:
        """Give the attempts that are not settled."""
        if self._root.is_dir():
            for place in sorted(self._root.iterdir()):
                if (place / _TASK).exists():
                    yield Tag(place.name)

    def enter(self, task: Task) -> None:
        """Take a task. A cut in power may lose it; whoever gave it has it too."""
        place = self._root / task.tag
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write(place / _TASK, msgspec.msgpack.encode(task), sync=False)

    def task(self, tag: Tag) -> Task | None:
        """Give a task; None for one that is not here."""
        return _read(self._root / tag / _TASK, Task)

    def claim(self, tag: Tag) -> Claim | None:
        """Give who has claimed an attempt."""
        return _read(self._root / tag / _CLAIM, Claim)

    def write_claim(self, tag: Tag, claim: Claim) -> None:
        """Note a claim, durably."""
        _write(self._root / tag / _CLAIM, msgspec.msgpack.encode(claim), sync=True)

    def outcome(self, tag: Tag) -> Outcome | None:
        """Give how an attempt ended."""
        return _read(self._root / tag / _OUTCOME, Outcome)

    def write_outcome(self, tag: Tag, outcome: Outcome) -> None:
        """Note an end, durably, and what was printed."""
        place = self._root / tag
        _write(place / "stdout", outcome.stdout.encode(), sync=False)
        _write(place / "stderr", outcome.stderr.encode(), sync=False)
        kept = msgspec.structs.replace(outcome, stdout="", stderr="")
        _write(place / _OUTCOME, msgspec.msgpack.encode(kept), sync=True)

    def is_cancelled(self, tag: Tag) -> bool:
        """Tell whether an attempt is to be claimed by nobody any more."""
        return (self._root / tag / _CANCELLED).exists()

    def write_cancelled(self, tag: Tag) -> None:
        """Note that nobody is to claim an attempt, durably."""
        _write(self._root / tag / _CANCELLED, b"", sync=True)

    def settle(self, tag: Tag) -> None:
        """Forget all but what was printed."""
        for name in (_TASK, _CLAIM, _OUTCOME, _CANCELLED):
            (self._root / tag / name).unlink(missing_ok=True)

    def forget(self, tag: Tag) -> None:
        """Forget all."""
        place = self._root / tag
        if place.is_dir():
            for each in place.iterdir():
                each.unlink(missing_ok=True)
            place.rmdir()

    def log(self, tag: Tag, stream: str, *, offset: int, limit: int) -> LogPart | None:
        """Read what was printed; None for an attempt that is not here."""
        place = self._root / tag
        if not place.is_dir():
            return None
        try:
            with (place / stream).open("rb") as opened:
                size = os.fstat(opened.fileno()).st_size
                opened.seek(min(offset, size))
                return LogPart(data=opened.read(limit), size=size)
        except FileNotFoundError:
            return LogPart(data=b"", size=0)


def _read(path: Path, kind: type[T]) -> T | None:
    try:
        return msgspec.msgpack.decode(path.read_bytes(), type=kind)
    except (FileNotFoundError, msgspec.DecodeError):
        return None


def _write(path: Path, data: bytes, *, sync: bool) -> None:
    new = path.with_name(path.name + _NEW)
    with os.fdopen(_private(new), "wb") as opened:
        opened.write(data)
        opened.flush()
        if sync:
            os.fsync(opened.fileno())
    new.replace(path)
    if sync:
        _sync_directory(path.parent)


def _private(path: Path) -> int:
    # A task has its owner's key.
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)


def _sync_directory(path: Path) -> None:
    opened = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
