"""The power goes at any instant: what was answered is there, and nothing is there by half."""

import random
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import anyio
import pytest
from tests.faults.counts import dice, rounds
from tests.faults.store.recording import Disk, Recorder, Step

from headway.core.model.change import Change, CounterPatch, Reports
from headway.core.model.event import EventType
from headway.core.model.names import Seq
from headway.stores.sql import open_store, writer
from headway.testing.fakes import NOON, FakeClock
from headway.testing.samples import ALL, a_job, a_report, an_event, job_id

pytestmark = [pytest.mark.anyio, pytest.mark.soak]

CLIENTS = 8
CUTS = 10_000
CUTS_OF_ONE_LIFE = 100
_names = count(1)


@dataclass(frozen=True)
class Answer:
    """A client was told that the ``count``th change of its job is kept, when so many steps had been taken."""

    steps: int
    job: int
    count: int
    seq: Seq


def _never(error: BaseException) -> None:
    raise AssertionError from error


async def live(recorder: Recorder, directory: Path, *, changes: int) -> list[Answer]:
    """Have some clients change their jobs all at once; gives what they were told."""
    store = open_store(
        directory, clock=FakeClock(), fatal=_never, held_by="this test", connect=recorder.connect
    )
    answers: list[Answer] = []

    async def client(number: int) -> None:
        job = a_job(number, labels=("x",))
        for at in range(1, changes + 1):
            written = await store.write(
                Change(
                    jobs=(job,),
                    reports=Reports(job=job.id, reports=(a_report(current=at),)),
                    counters=CounterPatch(job=job.id, values=(("at", at, None),), at=NOON),
                    events=(an_event(job.id, EventType.STATUS),),
                )
            )
            answers.append(Answer(len(recorder.steps), number, at, written.seq))
            job = written.jobs[0].changed(at=NOON, status_text=str(at + 1))

    async with anyio.create_task_group() as clients:
        for number in range(1, CLIENTS + 1):
            clients.start_soon(client, number)
    steps = recorder.steps[:]
    await store.close()
    recorder.steps = steps
    return answers


def cuts(
    steps: Sequence[Step], chance: random.Random, many: int
) -> Iterator[tuple[int, dict[str, bytes]]]:
    """Give files as cuts at some random instants would have left them, and how many steps had been taken."""
    disk = Disk()
    taken = 0
    for instant in sorted(chance.randrange(len(steps) + 1) for _ in range(many)):
        for step in steps[taken:instant]:
            disk.take(step)
        taken = instant
        yield taken, disk.after_cut(chance)


def lay_out(directory: Path, files: dict[str, bytes]) -> None:
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir()
    for name, content in files.items():
        (directory / name).write_bytes(content)


async def losses(directory: Path, files: dict[str, bytes], told: Sequence[Answer]) -> list[str]:
    """Open what a cut has left; list what is lost or there by half."""
    lay_out(directory, files)
    store = open_store(directory, clock=FakeClock(), fatal=_never, held_by="this test")
    wrong: list[str] = []
    newest = {answer.job: answer.count for answer in told}
    if told and store.last_seq() < max(answer.seq for answer in told):
        wrong.append("the sequence went back")
    counts = await store.counts()
    for number in range(1, counts["accepted"] + 1):
        job = await store.job_by_number(number)
        at = job.rev
        workers = await store.workers(job.id, limit=9)
        counters = await store.counters(job.id)
        events = await store.events(ALL, job=job.id, after=Seq(0), limit=10_000)
        parts = [[w.current for w in workers], [c.value for c in counters], [len(events)]]
        if parts != [[at]] * 3:
            wrong.append(f"job {job.id} is at {at}, its parts are at {parts}")
        newest = {n: c for n, c in newest.items() if job_id(n) != job.id or c > at}
    await store.close()
    return wrong + [f"job {n} was answered {c} times; that is lost" for n, c in newest.items()]


async def lost(tmp_path: Path, chance: random.Random, *, lives: int, safety: str) -> list[str]:
    found: list[str] = []
    for life in range(lives):
        recorder = Recorder(f"recorder-{next(_names)}")
        recorder.safety = safety
        answers = await live(recorder, tmp_path / f"life-{life}", changes=25)
        for steps, files in cuts(recorder.steps, chance, CUTS_OF_ONE_LIFE):
            told = sorted((a for a in answers if a.steps <= steps), key=lambda a: a.count)
            found += await losses(tmp_path / "left", files, told)
        shutil.rmtree(tmp_path / f"life-{life}")
    return found


@pytest.fixture
def chance(monkeypatch: pytest.MonkeyPatch) -> random.Random:
    # So that the log is copied into the file, and begun anew, several times in each short life.
    monkeypatch.setattr(writer, "_CHECKPOINT_WHEN_IDLE", 150)
    monkeypatch.setattr(writer, "_CHECKPOINT_ALWAYS", 300)
    return dice()


async def test_no_answered_change_is_lost_or_kept_by_half(
    tmp_path: Path, chance: random.Random
) -> None:
    lives = rounds(CUTS) // CUTS_OF_ONE_LIFE
    assert await lost(tmp_path, chance, lives=lives, safety="FULL") == []


async def test_the_same_cuts_do_lose_changes_when_commits_are_not_synced(
    tmp_path: Path, chance: random.Random
) -> None:
    """The test of the test: SQLite's synchronous = NORMAL answers before the disk has it."""
    found = await lost(tmp_path, chance, lives=1, safety="NORMAL")
    assert any("lost" in loss for loss in found)
