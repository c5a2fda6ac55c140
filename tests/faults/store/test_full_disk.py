"""A disk of 3 MB that fills up: said so, reads go on, and it heals when there is space again."""

import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from headway.core.errors import StorageFull
from headway.core.model.change import Change
from headway.core.model.job import Job
from headway.core.model.selection import Selection
from headway.core.ports.store import Store
from headway.stores.sql import open_store
from headway.testing.fakes import FakeClock
from headway.testing.samples import ALL, a_job

pytestmark = [pytest.mark.anyio, pytest.mark.service]

FEW = 50


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", place],
        capture_output=True,
        text=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip(f"needs root: to mount a small disk: {mounted.stderr.strip()}")
    yield place
    subprocess.run(["umount", "--lazy", place], check=True)


def _never(error: BaseException) -> None:
    raise AssertionError("the store says that its disk is broken") from error


@pytest.fixture
async def store(small_disk: Path, clock: FakeClock) -> AsyncIterator[Store]:
    store = open_store(small_disk / "data", clock=clock, fatal=_never, held_by="this test")
    yield store
    await store.close()


async def fill(store: Store, *, first: int) -> list[Job]:
    """Store jobs until there is no space; gives those that were kept."""
    kept: list[Job] = []
    for number in range(first, first + 5_000, FEW):
        jobs = [a_job(n, extra={"text": "x" * 500}) for n in range(number, number + FEW)]
        answers = await store.write_many([Change(jobs=(job,)) for job in jobs])
        if isinstance(answers[0], StorageFull):
            assert all(isinstance(answer, StorageFull) for answer in answers)
            return kept
        kept += [job for answer in answers for job in _jobs(answer)]
    raise AssertionError("3 MB are never full")


def _jobs(answer: object) -> tuple[Job, ...]:
    jobs = getattr(answer, "jobs", ())
    assert jobs
    return tuple(jobs)


async def test_a_full_disk_is_said_and_reads_go_on(store: Store) -> None:
    kept = await fill(store, first=1)
    with pytest.raises(StorageFull):
        await store.write(Change(jobs=(a_job(9_999, extra={"text": "x" * 5_000_000}),)))
    page = await store.jobs(Selection(), ALL, limit=10_000)
    assert page == kept[::-1]
    assert await store.job(kept[0].id) == kept[0]
    assert (await store.counts())["accepted"] == len(kept)
    assert await store.workers(kept[0].id, limit=9) == []


async def test_writes_go_on_by_themselves_when_there_is_space_again(
    store: Store, small_disk: Path
) -> None:
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(1_500_000))
    kept = await fill(store, first=1)
    ballast.unlink()
    job = await store.write(Change(jobs=(a_job(9_999),)))
    assert (job.jobs[0].number, job.seq) == (len(kept) + 1, kept[-1].seq + 1)
    more = await fill(store, first=10_000)
    assert len(more) > FEW


async def test_what_was_kept_on_a_full_disk_is_there_after_a_restart(
    store: Store, small_disk: Path, clock: FakeClock
) -> None:
    kept = await fill(store, first=1)
    await store.close()
    again = open_store(small_disk / "data", clock=clock, fatal=_never, held_by="this test")
    assert await again.jobs(Selection(), ALL, limit=10_000) == kept[::-1]
    await again.close()
