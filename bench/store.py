"""What the store costs: durable writes, a million jobs, and reading them.

    python bench/store.py [ROWS] [DIRECTORY]

ROWS is how many jobs the large file gets (1,000,000; 0 leaves that part out). The limit beside the durable writes is
bare SQLite on the same disk in the same minute: as many prepared upserts in each transaction, as it comes, without Headway.
CPU is of the whole process, client tasks included.
"""

import asyncio
import os
import random
import shutil
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import uvloop

from headway.core.model.change import Change, Reports
from headway.core.model.event import Event, EventType
from headway.core.model.job import Job, Kind, Usage
from headway.core.model.names import Cluster, JobId, NativeId, WorkerId
from headway.core.model.selection import Selection, Visibility
from headway.core.model.spec import Spec
from headway.core.model.state import Reason, State
from headway.core.model.worker import Report
from headway.lib.ids import uuid7
from headway.stores.sql import SqlStore, open_store
from headway.stores.sql.database import FILE_NAME
from headway.testing.fakes import NOON, FakeClock

CLIENTS = 64
REPORTS_EACH = 400
SUBMITTERS = 32
SUBMITS_EACH = 100
BUILD_AT_ONCE = 1_000
CAMPAIGN = 20_000  # jobs with one label
PAGES = 300
EVERYTHING = Visibility(everything=True)
CHANCE = random.Random(1)
ENDS = ([State.SUCCEEDED, State.FAILED, State.CANCELLED, State.RUNNING], [900, 80, 15, 5])
REASONS = {State.FAILED: Reason.NONZERO_EXIT, State.CANCELLED: Reason.BY_USER}


def an_id(number: int) -> JobId:
    return JobId(uuid7(time_ns=number * 1_000_000, random_bits=CHANCE.getrandbits(62)))


def a_job(number: int, kind: Kind = Kind.REPORT) -> Job:
    return Job(
        id=an_id(number),
        kind=kind,
        protocol="rest",
        owner="kim",
        name=f"analysis {number}",
        spec=Spec(command=("sh", "-c", f"run --index {number}"), directory="/data/run"),
        labels=(f"campaign-{number // CAMPAIGN}", "night"),
        cluster=Cluster("local"),
        created=NOON,
        updated=NOON,
    )


def an_ended_job(number: int) -> Job:
    state = CHANCE.choices(*ENDS)[0]
    at = NOON + timedelta(seconds=number)
    final = state.is_final
    return Job(
        id=an_id(number),
        kind=Kind.COMMAND,
        protocol="rest",
        owner="kim",
        name=f"analysis {number}",
        spec=Spec(command=("sh", "-c", f"run --index {number}"), directory="/data/run"),
        labels=(f"campaign-{number // CAMPAIGN}", "night"),
        cluster=Cluster("local"),
        native_id=NativeId(str(number)),
        state=state,
        reason=REASONS.get(state),
        created=at,
        queued=at,
        started=at,
        ended=at if final else None,
        updated=at,
        exit_code=0 if final else None,
        usage=Usage(cpu_s=1.2, max_memory_bytes=1 << 30, wall_s=33.1) if final else None,
    )


def broken(error: BaseException) -> None:
    raise SystemExit(f"the disk is broken: {error}")


def opened(place: Path) -> SqlStore:
    return open_store(place, clock=FakeClock(), fatal=broken, held_by="this bench")


@contextmanager
def clients(words: str, count: int) -> Iterator[list[float]]:
    """Print what many calls cost, whose times in seconds the body collects."""
    times_s: list[float] = []
    wall, cpu = time.perf_counter(), time.process_time()
    yield times_s
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    times_s.sort()
    p50, p99 = times_s[len(times_s) // 2] * 1e3, times_s[int(len(times_s) * 0.99)] * 1e3
    print(
        f"{words}, {count} waiting: {len(times_s) / wall:7.0f}/s, {cpu / len(times_s) * 1e6:5.1f} µs CPU each,"
        f" p50 {p50:.2f} ms, p99 {p99:.2f} ms"
    )


async def timed(times_s: list[float], call: Callable[[], Awaitable[object]]) -> None:
    start = time.perf_counter()
    await call()
    times_s.append(time.perf_counter() - start)


def bare_sqlite(place: Path, rows: int, transactions: int) -> float:
    """Give the upserts a second of SQLite alone, so many in each durable transaction."""
    database = sqlite3.connect(place / "bare.db", isolation_level=None)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = FULL")
    database.execute("CREATE TABLE worker (job, id, a, b, c, PRIMARY KEY (job, id)) WITHOUT ROWID")
    start = time.perf_counter()
    for at in range(transactions):
        database.execute("BEGIN IMMEDIATE")
        database.executemany(
            "REPLACE INTO worker VALUES (?, ?, ?, ?, ?)",
            [(row, "w", at, 300, 0.5) for row in range(rows)],
        )
        database.execute("COMMIT")
    taken_s = time.perf_counter() - start
    database.close()
    return rows * transactions / taken_s


async def reports(store: SqlStore, count: int, each: int) -> None:
    jobs = [(await store.write(Change(jobs=(a_job(n),)))).jobs[0] for n in range(count)]

    async def client(number: int, times_s: list[float]) -> None:
        job_id, worker = jobs[number].id, WorkerId(f"w{number}")
        for at in range(each):
            report = Report(worker=worker, current=at, total=each, at=NOON + timedelta(seconds=at))
            change = Change(reports=Reports(job=job_id, reports=(report,)))
            await store.job(job_id)
            await timed(times_s, lambda change=change: store.write(change))

    with clients("reports", count) as times_s:
        await asyncio.gather(*[client(number, times_s) for number in range(count)])


async def submits(store: SqlStore, count: int, each: int) -> None:
    async def client(number: int, times_s: list[float]) -> None:
        for at in range(each):
            job = a_job(number * each + at, Kind.COMMAND)
            event = Event(
                job=job.id, time=NOON, type=EventType.ACCEPTED, actor="kim", protocol="rest"
            )
            change = Change(jobs=(job,), events=(event,))
            await timed(times_s, lambda change=change: store.write(change))

    with clients("submits", count) as times_s:
        await asyncio.gather(*[client(number, times_s) for number in range(count)])


async def writes(place: Path) -> None:
    store = opened(place)
    await reports(store, CLIENTS, 50)  # warm
    for _ in range(3):
        limit = bare_sqlite_once(place)
        await reports(store, CLIENTS, REPORTS_EACH)
        print(f"    bare SQLite, {CLIENTS} rows a transaction: {limit:7.0f}/s")
    await reports(store, 1, 500)
    await submits(store, SUBMITTERS, SUBMITS_EACH)
    await submits(store, 1, 300)
    await store.close()


def bare_sqlite_once(place: Path) -> float:
    rate = bare_sqlite(place, CLIENTS, 300)
    (place / "bare.db").unlink()
    return rate


async def build(place: Path, rows: int) -> None:
    store = opened(place)
    start = time.perf_counter()
    for first in range(0, rows, BUILD_AT_ONCE):
        changes = [Change(jobs=(an_ended_job(n),)) for n in range(first, first + BUILD_AT_ONCE)]
        await store.write_many(changes)
    taken_s = time.perf_counter() - start
    await store.close()
    size = (place / FILE_NAME).stat().st_size
    print(
        f"{rows} jobs with labels: built in {taken_s:.0f} s, {size / 1e6:.0f} MB ({size / rows:.0f} B a job)"
    )


async def start(place: Path) -> SqlStore:
    begin = time.perf_counter()
    store = opened(place)
    await store.jobs(Selection(), EVERYTHING, limit=1)
    print(f"opened and answering after {(time.perf_counter() - begin) * 1e3:.1f} ms")
    return store


async def pages(store: SqlStore, rows: int) -> None:
    newest = rows // CAMPAIGN
    some = lambda: f"campaign-{CHANCE.randrange(max(1, newest))}"  # noqa: E731
    asked: dict[str, Callable[[], Selection]] = {
        "newest": Selection,
        "by state": lambda: Selection(states=frozenset({State.FAILED})),
        "by label": lambda: Selection(labels=frozenset({some()})),
        "by label and state": lambda: Selection(
            labels=frozenset({some()}), states=frozenset({State.CANCELLED})
        ),
        "by two labels": lambda: Selection(labels=frozenset({some(), "night"})),
        "by name": lambda: Selection(name=f"analysis {CHANCE.randrange(rows)}"),
        "by owner": lambda: Selection(owner="kim"),
        "since the last hour": lambda: Selection(since=NOON + timedelta(seconds=rows - 3_600)),
    }
    for words, selection in asked.items():
        times_ms = []
        for _ in range(PAGES):
            before = None if words.startswith("since") else CHANCE.randrange(1, rows)
            begin = time.perf_counter()
            await store.jobs(selection(), EVERYTHING, limit=50, before=before)
            times_ms.append((time.perf_counter() - begin) * 1e3)
        times_ms.sort()
        p50, p99 = statistics.median(times_ms), times_ms[int(PAGES * 0.99)]
        print(f"    page of 50 {words}: p50 {p50:.2f} ms, p99 {p99:.2f} ms")
    for words, hard in (
        ("text nobody has", Selection(text="no such words")),
        ("one match in all", Selection(text=f"analysis {rows // 2} ")),
    ):
        begin = time.perf_counter()
        await store.jobs(hard, EVERYTHING, limit=50)
        print(f"    {words}: {(time.perf_counter() - begin) * 1e3:.0f} ms")


async def main(rows: int, directory: str | None) -> None:
    place = Path(tempfile.mkdtemp(prefix="headway-bench-", dir=directory))
    try:
        print(
            f"{place} on {os.uname().nodename}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
        )
        await writes(place / "small")
        if rows:
            await build(place / "large", rows)
            store = await start(place / "large")
            await pages(store, rows)
            await submits(store, SUBMITTERS, SUBMITS_EACH)
            await store.close()
    finally:
        shutil.rmtree(place)


if __name__ == "__main__":
    words = sys.argv[1:]
    uvloop.run(main(int(words[0]) if words else 1_000_000, words[1] if words[1:] else None))
