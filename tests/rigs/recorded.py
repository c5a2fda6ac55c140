"""What real schedulers have said, as tools/record_scheduler.py wrote it down."""

import base64
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import msgspec
import pytest

from headway.executors.batch.command import Command, Output


class _Bytes(msgspec.Struct, forbid_unknown_fields=True):
    """What is no UTF-8."""

    base64: str


class _Document(msgspec.Struct, forbid_unknown_fields=True):
    shows: str
    scheduler: str
    version: str
    recorded: datetime
    command: list[str]
    environment: dict[str, str]
    stdin: list[str] | _Bytes
    stdout: list[str] | _Bytes
    stderr: list[str] | _Bytes
    exit_code: int


class Recording(msgspec.Struct, frozen=True, kw_only=True):
    """One command that was given to a real scheduler, and its answer.

    Attributes:
        name: the file's name, without ``.json``.
        shows: in words, what it is an example of.
        version: the scheduler's, in its own words; says when it is not the product itself (OpenLava for LSF).
    """

    name: str
    shows: str
    scheduler: str
    version: str
    recorded: datetime
    command: Command
    output: Output

    @property
    def environment(self) -> Mapping[str, str]:
        return self.command.environment


def recording(directory: Path, name: str) -> Recording:
    """Load DIRECTORY/NAME.json."""
    path = directory / f"{name}.json"
    found = msgspec.json.decode(path.read_bytes(), type=_Document)
    return Recording(
        name=name,
        shows=found.shows,
        scheduler=found.scheduler,
        version=found.version,
        recorded=found.recorded,
        command=Command(
            argv=tuple(found.command),
            stdin=_bytes(found.stdin),
            environment=found.environment,
        ),
        output=Output(
            stdout=_bytes(found.stdout),
            stderr=_bytes(found.stderr),
            exit_code=found.exit_code,
        ),
    )


def output(directory: Path, name: str) -> Output:
    """Load only the answer of DIRECTORY/NAME.json."""
    return recording(directory, name).output


def recordings(directory: Path, pattern: str = "*") -> list[Recording]:
    """Load all whose names match a shell's pattern, by name.

    Raises:
        LookupError: there are none, so that no test passes because its recordings have moved.
    """
    found = [recording(directory, each.stem) for each in sorted(directory.glob(f"{pattern}.json"))]
    if not found:
        raise LookupError(f"no recordings {pattern}.json in {directory}")
    return found


def each_recording(directory: Path, pattern: str = "*") -> pytest.MarkDecorator:
    """Run a test with each of them, as its argument ``recorded``."""
    found = recordings(directory, pattern)
    return pytest.mark.parametrize("recorded", found, ids=[each.name for each in found])


def _bytes(field: list[str] | _Bytes) -> bytes:
    if isinstance(field, _Bytes):
        return base64.b64decode(field.base64)
    return "".join(field).encode()
