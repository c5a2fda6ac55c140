"""A disk that fails: nobody is told that something was kept, and the process is told to end."""

from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from itertools import count
from pathlib import Path

import anyio
import apsw
import pytest
from tests.faults.store.recording import Kind, Recorder, Step

from headway.core.errors import StorageFull
from headway.core.model.change import Change, Retention
from headway.core.model.names import Seq
from headway.stores.sql import SqlStore, open_store, writer
from headway.stores.sql.database import Failure, failure_of
from headway.testing.fakes import NOON, FakeClock
from headway.testing.samples import ALL, a_job, an_event, job_id
from headway.testing.store_writes import stored

pytestmark = pytest.mark.anyio
_names = count(1)


@pytest.fixture
def disk() -> Recorder:
    return Recorder(f"broken-{next(_names)}")


@pytest.fixture
def told() -> list[BaseException]:
    return []


@pytest.fixture
async def store(
    tmp_path: Path, disk: Recorder, told: list[BaseException]
) -> AsyncIterator[SqlStore]:
    store = open_store(
        tmp_path,
        clock=FakeClock(),
        fatal=told.append,
        held_by="this test",
        connect=disk.connect,
    )
    yield store
    disk.before = lambda _: None
    await store.close()


def failing(kind: Kind, file: str, error: type[apsw.Error], code: int) -> Callable[[Step], None]:
    def before(step: Step) -> None:
        if step.kind is kind and step.file.endswith(file):
            raise an_error(error, code)

    return before


def an_error(error: type[apsw.Error], code: int) -> apsw.Error:
    made = error("played by the test")
    made.__dict__["extendedresult"] = code  # apsw sets it on the errors that it raises itself
    return made


async def test_after_a_failed_sync_nobody_is_answered_and_the_process_is_told_to_end(
    store: SqlStore, disk: Recorder, told: list[BaseException]
) -> None:
    job = await stored(store, a_job(1))
    answers: list[object] = []

    async def write(number: int) -> None:
        answers.append(await store.write(Change(jobs=(a_job(number),))))

    disk.before = failing(Kind.SYNC, "-wal", apsw.IOError, apsw.SQLITE_IOERR_FSYNC)
    async with anyio.create_task_group() as callers:
        callers.start_soon(write, 2)
        await _until(lambda: bool(told))
        disk.before = lambda _: None
        callers.start_soon(write, 3)
        await _turns()
        callers.cancel_scope.cancel()
    assert (answers, len(told)) == ([], 1)
    assert await store.job(job.id) == job


async def test_a_failed_write_that_is_not_for_want_of_space_is_as_bad(
    store: SqlStore, disk: Recorder, told: list[BaseException]
) -> None:
    disk.before = failing(Kind.WRITE, "-wal", apsw.IOError, apsw.SQLITE_IOERR_WRITE)
    async with anyio.create_task_group() as callers:
        callers.start_soon(stored, store, a_job(1))
        await _until(lambda: bool(told))
        callers.cancel_scope.cancel()
    assert len(told) == 1


async def test_a_failed_sync_of_a_checkpoint_is_as_bad(
    store: SqlStore,
    disk: Recorder,
    told: list[BaseException],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(writer, "_CHECKPOINT_ALWAYS", 1)
    disk.before = failing(Kind.SYNC, ".db", apsw.IOError, apsw.SQLITE_IOERR_FSYNC)
    await stored(store, a_job(1))
    await _until(lambda: bool(told))


async def test_without_space_all_of_a_commit_are_told_and_the_next_one_is_kept(
    store: SqlStore, disk: Recorder, told: list[BaseException]
) -> None:
    job = await stored(store, a_job(1, labels=("x",)))
    await store.write(Change(events=(an_event(job.id),)))
    disk.before = failing(Kind.WRITE, "-wal", apsw.FullError, apsw.SQLITE_FULL)
    changed = job.changed(at=NOON, name="new", labels=("y",))
    answers = await store.write_many(
        [Change(jobs=(changed,)), Change(jobs=(a_job(2),)), Change(events=(an_event(job.id),))]
    )
    assert [type(answer) for answer in answers] == [StorageFull] * 3
    with pytest.raises(StorageFull):
        await store.forget(Retention(), at=NOON + timedelta(days=999), limit=9)
    assert await store.job(job.id) == job
    assert len(await store.events(ALL, job=None, after=Seq(0), limit=9)) == 1
    disk.before = lambda _: None
    again = await store.write(Change(jobs=(changed, a_job(2)), events=(an_event(job.id),)))
    assert [one.number for one in again.jobs] == [1, 2]
    assert (again.jobs[0].rev, again.seq, told) == (2, job.seq + 2, [])


async def test_without_space_at_the_last_page_of_a_commit_nothing_of_it_is_kept(
    store: SqlStore, disk: Recorder, told: list[BaseException]
) -> None:
    job = await stored(store, a_job(1))
    for pages in range(1, 12):
        left = count(pages, -1)

        def before(step: Step, left: "count[int]" = left) -> None:
            if step.kind is Kind.WRITE and len(step.data) > 1000 and next(left) <= 0:
                raise an_error(apsw.FullError, apsw.SQLITE_FULL)

        disk.before = before
        answers = await store.write_many([Change(jobs=(a_job(n),)) for n in range(100, 140)])
        disk.before = lambda _: None
        if not isinstance(answers[0], StorageFull):
            break
        assert {type(answer) for answer in answers} == {StorageFull}
        assert (await store.counts())["accepted"] == 1
    assert (await stored(store, a_job(2))).seq > job.seq
    assert told == []


async def test_a_checkpoint_without_space_is_put_off(
    store: SqlStore,
    disk: Recorder,
    told: list[BaseException],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(writer, "_CHECKPOINT_ALWAYS", 1)
    disk.before = failing(Kind.WRITE, ".db", apsw.FullError, apsw.SQLITE_FULL)
    await stored(store, a_job(1))
    await stored(store, a_job(2))
    disk.before = lambda _: None
    await stored(store, a_job(3))
    assert told == []
    assert (await store.job(job_id(1))).number == 1


def test_an_error_that_a_quota_gives_is_told_from_a_broken_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    error = an_error(apsw.IOError, apsw.SQLITE_IOERR_WRITE)
    assert failure_of(error, tmp_path) is Failure.BROKEN

    def over_quota(*_: object) -> None:
        raise OSError(122, "Disk quota exceeded")

    monkeypatch.setattr("os.posix_fallocate", over_quota)
    assert failure_of(error, tmp_path) is Failure.FULL
    error = an_error(apsw.IOError, apsw.SQLITE_IOERR_FSYNC)
    assert failure_of(error, tmp_path) is Failure.BROKEN
    assert list(tmp_path.iterdir()) == []


async def _until(condition: Callable[[], bool]) -> None:
    with anyio.fail_after(60):
        while not condition():
            await anyio.lowlevel.checkpoint()


async def _turns() -> None:
    for _ in range(200):
        await anyio.lowlevel.checkpoint()
