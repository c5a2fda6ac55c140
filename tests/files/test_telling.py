"""Long stagings are told of, can be stopped, and end when nobody waits for them any more."""

import asyncio
import threading
from pathlib import Path

import pytest
from tests.files.rig import OWNER, Rig
from typing_extensions import override

from headway.core.errors import StagingFailed
from headway.core.model.spec import Sandbox, Transfer
from headway.core.ports.executor import LogPart, Stream
from headway.files.content import copy_content
from headway.files.meter import Meter
from headway.files.opening import open_beneath
from headway.files.refusal import Stopped

pytestmark = pytest.mark.anyio


class SlowLog:
    """A log of 100 bytes whose second half comes when it is let go."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.let_go = asyncio.Event()

    async def read(self, stream: Stream, offset: int, limit: int) -> LogPart:
        if offset:
            self.asked.set()
            await self.let_go.wait()
        return LogPart(data=b"x" * 50 if offset < 100 else b"", size=100)


async def test_a_long_staging_is_told_of_until_its_end(rig: Rig) -> None:
    log = SlowLog()
    heard: list[tuple[int, int]] = []

    async def told(done_bytes: int, total_bytes: int) -> bool:
        heard.append((done_bytes, total_bytes))
        log.let_go.set()
        return True

    sandbox = Sandbox(stdout=str(rig.home / "log"))
    failures = await rig.files.stage_out(
        rig.tag, sandbox, owner=OWNER, read_log=log.read, told=told
    )
    assert (failures, heard) == ([], [(50, 100), (100, 100)])
    assert (rig.home / "log").read_bytes() == b"x" * 100


async def test_what_is_done_at_once_is_not_told_of(rig: Rig) -> None:
    async def told(done_bytes: int, total_bytes: int) -> bool:
        raise AssertionError(f"{done_bytes} of {total_bytes}")

    (rig.home / "file").write_bytes(b"x" * 1000)
    sandbox = Sandbox(stage_in=(Transfer(source=str(rig.home / "file"), target="a"),))
    await rig.files.stage_in(rig.tag, sandbox, owner=OWNER, told=told)


async def test_who_is_told_can_stop_it_and_targets_are_as_they_were(rig: Rig) -> None:
    log = SlowLog()

    async def told(done_bytes: int, total_bytes: int) -> bool:
        return False

    place = await rig.make()
    (place / "file").write_bytes(b"mine")
    (rig.home / "log").write_bytes(b"before")
    sandbox = Sandbox(
        stdout=str(rig.home / "log"),
        stage_out=(Transfer(source="file", target=str(rig.home / "file")),),
    )
    failures = await rig.files.stage_out(
        rig.tag, sandbox, owner=OWNER, read_log=log.read, told=told
    )
    assert [failure.endswith("the fetching was stopped") for failure in failures] == [True, True]
    assert [path.name for path in rig.home.iterdir()] == ["log"]
    assert (rig.home / "log").read_bytes() == b"before"


async def test_a_staging_that_is_cancelled_has_ended_and_left_nothing(rig: Rig) -> None:
    log = SlowLog()
    (rig.home / "log").write_bytes(b"before")

    async def told(done_bytes: int, total_bytes: int) -> bool:
        return True

    sandbox = Sandbox(stdout=str(rig.home / "log"))
    fetching = asyncio.ensure_future(
        rig.files.stage_out(rig.tag, sandbox, owner=OWNER, read_log=log.read, told=told)
    )
    await log.asked.wait()
    fetching.cancel()
    with pytest.raises(asyncio.CancelledError):
        await fetching
    assert [path.name for path in rig.home.iterdir()] == ["log"]
    assert (rig.home / "log").read_bytes() == b"before"


async def test_a_bringing_that_is_stopped_leaves_nothing(tmp_path: Path) -> None:
    stopped = threading.Event()

    def waiting(directory: int, path: str, flags: int, *, links: bool) -> int:
        stopped.wait()
        return open_beneath(directory, path, flags, links=links)

    async def told(done_bytes: int, total_bytes: int) -> bool:
        stopped.set()
        return False

    rig = Rig(tmp_path, opening=waiting)
    (rig.home / "file").write_bytes(b"x")
    sandbox = Sandbox(stage_in=(Transfer(source=str(rig.home / "file"), target="a"),))
    with pytest.raises(StagingFailed, match="stopped"):
        await rig.files.stage_in(rig.tag, sandbox, owner=OWNER, told=told)
    assert not list(rig.sandboxes.iterdir())


async def test_a_log_that_becomes_shorter_meanwhile_is_no_whole_copy(rig: Rig) -> None:
    async def read(stream: Stream, offset: int, limit: int) -> LogPart:
        return LogPart(data=b"" if offset else b"x" * 50, size=100)

    async def told(done_bytes: int, total_bytes: int) -> bool:
        return True

    sandbox = Sandbox(stdout=str(rig.home / "log"))
    (failure,) = await rig.files.stage_out(rig.tag, sandbox, owner=OWNER, read_log=read, told=told)
    assert failure == f"{rig.home}/log: it became shorter while it was being copied"
    assert not list(rig.home.iterdir())


def test_copying_stops_between_two_parts(tmp_path: Path) -> None:
    class Stopping(Meter):
        """Stops itself when half is done."""

        @override
        def add(self, size_bytes: int) -> None:
            super().add(size_bytes)
            if self.done_bytes >= 20_000_000:
                self.stop()

    meter = Stopping()
    (tmp_path / "source").write_bytes(bytes(40_000_000))
    with (
        (tmp_path / "source").open("rb") as source,
        (tmp_path / "target").open("wb") as target,
        pytest.raises(Stopped),
    ):
        copy_content(source.fileno(), target.fileno(), 40_000_000, meter)
    assert meter.done_bytes >= 20_000_000
