"""A file system that remembers what was written and synced, and can show what a power cut would have left.

What was synced is there after a cut. Of what was written since, any pieces of 512 bytes may be there or not, in any order.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any, Final

import apsw
from typing_extensions import override

from headway.stores.sql.database import Rows
from headway.stores.sql.job_rows import Value

SECTOR: Final = 512


class Kind(Enum):
    WRITE = "write"
    TRUNCATE = "truncate"
    SYNC = "sync"
    DELETE = "delete"


@dataclass(frozen=True)
class Step:
    """One call; ``offset`` is the new size of a truncation."""

    kind: Kind
    file: str
    offset: int = 0
    data: bytes = b""


@dataclass
class Image:
    """A file as it is for sure, and what may or may not have come to it since its last sync."""

    sure: bytearray = field(default_factory=bytearray)
    pending: list[Step] = field(default_factory=list)

    def take(self, step: Step) -> None:
        if step.kind is not Kind.SYNC:
            self.pending.append(step)
            return
        for waiting in self.pending:
            apply(self.sure, waiting)
        self.pending.clear()

    def after_cut(self, chance: random.Random) -> bytes:
        left = bytearray(self.sure)
        survival = chance.choice([0.0, 0.5, 0.9, 1.0, chance.random()])
        order = [piece for step in self.pending for piece in pieces(step)]
        if chance.random() < 0.5:
            chance.shuffle(order)
        for piece in order:
            if chance.random() < survival:
                apply(left, piece)
        return bytes(left)


class Disk:
    """All files. A deletion is made durable by SQLite before it goes on, so it is sure."""

    def __init__(self) -> None:
        self.images: dict[str, Image] = {}

    def take(self, step: Step) -> None:
        if step.kind is Kind.DELETE:
            self.images.pop(step.file, None)
        else:
            self.images.setdefault(step.file, Image()).take(step)

    def after_cut(self, chance: random.Random) -> dict[str, bytes]:
        return {name: image.after_cut(chance) for name, image in self.images.items()}


def pieces(step: Step) -> list[Step]:
    """Give the parts of a write that a disk keeps or loses whole."""
    if step.kind is not Kind.WRITE:
        return [step]
    starts = range(0, len(step.data), SECTOR)
    return [
        Step(step.kind, step.file, step.offset + start, step.data[start : start + SECTOR])
        for start in starts
    ]


def apply(content: bytearray, step: Step) -> None:
    if step.kind is Kind.TRUNCATE:
        del content[step.offset :]
        return
    if len(content) < step.offset:
        content.extend(bytes(step.offset - len(content)))
    content[step.offset : step.offset + len(step.data)] = step.data


class Recorder(apsw.VFS):
    """Passes everything on to the real file system and remembers it.

    Attributes:
        before: called with each step before it is done; may raise to make it fail.
        safety: what the store gets when it asks SQLite for synchronous = FULL.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.steps: list[Step] = []
        self.before: Callable[[Step], None] = lambda _: None
        self.safety = "FULL"
        super().__init__(name=name, base="")

    @override
    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> apsw.VFSFile:
        return _File(self, name, flags)

    @override
    def xDelete(self, filename: str, syncdir: bool) -> None:
        self.take(Step(Kind.DELETE, Path(filename).name))
        super().xDelete(filename, syncdir)

    def take(self, step: Step) -> None:
        self.before(step)
        self.steps.append(step)

    def connect(self, path: Path) -> "_Connection":
        """Open a file as the store does, through this file system."""
        return _Connection(path, self)


class _Connection:
    """An apsw connection with the manners of a Database."""

    def __init__(self, path: Path, recorder: Recorder) -> None:
        self._recorder = recorder
        self._raw = apsw.Connection(str(path), vfs=recorder.name)
        self._raw.set_busy_timeout(10_000)

    @property
    def in_transaction(self) -> bool:
        return bool(self._raw.in_transaction)

    def execute(self, sql: str, values: Sequence[Value] = (), /) -> Rows:
        weaker = sql.replace("synchronous = FULL", f"synchronous = {self._recorder.safety}")
        bindings: Any = values
        return self._raw.execute(weaker, bindings)

    def close(self) -> None:
        self._raw.close()


class _File(apsw.VFSFile):
    def __init__(
        self, recorder: Recorder, name: str | apsw.URIFilename | None, flags: list[int]
    ) -> None:
        self._recorder = recorder
        path = name.filename() if isinstance(name, apsw.URIFilename) else str(name)
        self._name = Path(path).name
        super().__init__("", name, flags)

    @override
    def xWrite(self, data: bytes, offset: int) -> None:
        self._recorder.take(Step(Kind.WRITE, self._name, offset, bytes(data)))
        super().xWrite(data, offset)

    @override
    def xTruncate(self, newsize: int) -> None:
        self._recorder.take(Step(Kind.TRUNCATE, self._name, newsize))
        super().xTruncate(newsize)

    @override
    def xSync(self, flags: int) -> None:
        self._recorder.take(Step(Kind.SYNC, self._name))
        super().xSync(flags)
