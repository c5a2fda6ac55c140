"""What a listing says of jobs that carry no mark of ours, and how their logs are looked at."""

import os
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from headway.core.errors import ExecutorRejected, NotFound
from headway.core.model.names import NativeId, tag_of
from headway.core.model.state import Reason, State
from headway.core.ports.foreign import ForeignJob
from headway.executors.batch.command import Command, Output
from headway.executors.batch.dialect import Dialect, Source
from headway.executors.batch.foreign import Foreign
from headway.executors.batch.here import Here
from headway.executors.batch.native import Listing, NativeJob
from headway.executors.batch.pace import Pace
from headway.executors.lsf.dialect import LsfDialect
from headway.executors.pbs.dialect import PbsDialect
from headway.executors.sge.dialect import SgeDialect
from headway.executors.slurm.dialect import SlurmDialect
from headway.testing.fake_cluster import FakeCluster, FakeDialect, FakeSource
from headway.testing.fakes import NOON, FakeClock, FakeIds

pytestmark = pytest.mark.anyio

TAG = tag_of(FakeIds().new_job_id(), 1)
DIALECTS: Sequence[Callable[[], Dialect]] = (SlurmDialect, LsfDialect, PbsDialect, SgeDialect)


def a_row(number: int = 7, **fields: object) -> NativeJob:
    plain: dict[str, object] = {
        "id": NativeId(str(number)),
        "state": State.RUNNING,
        "word": "RUNNING",
        "submitted": NOON,
        "log": f"/home/alice/{number}.log",
    }
    return NativeJob(**{**plain, **fields})  # type: ignore[arg-type]


@pytest.fixture
async def here() -> AsyncIterator[Here]:
    transport = Here({}, {})
    yield transport
    await transport.close()


def foreign_of(here: Here, dialect: Dialect | None = None) -> Foreign:
    return Foreign(dialect or SlurmDialect(), here, Pace(), lambda: None)


def seen(foreign: Foreign, *rows: NativeJob) -> list[ForeignJob]:
    foreign.heard(Listing(rows=rows, asked=NOON))
    listing = foreign.listing()
    assert listing is not None
    return list(listing.jobs.values())


@pytest.mark.parametrize("make", DIALECTS)
async def test_jobs_of_any_headway_server_are_left_out(
    make: Callable[[], Dialect], here: Here
) -> None:
    dialect = make()
    foreign = foreign_of(here, dialect)
    ours = a_row(1, mark=dialect.mark(TAG))
    theirs = a_row(2, mark="my comment")
    assert [job.id for job in seen(foreign, ours, theirs, a_row(3))] == ["2", "3"]


async def test_before_the_first_listing_nothing_is_known(here: Here) -> None:
    assert foreign_of(here).listing() is None


async def test_a_job_that_is_as_it_was_is_the_same_object(here: Here) -> None:
    foreign = foreign_of(here)
    before = seen(foreign, a_row(1), a_row(2))
    after = seen(foreign, a_row(1), a_row(2, host="n2"))
    assert after[0] is before[0]
    assert after[1].host == "n2"


async def test_of_an_array_that_waits_only_the_first_elements_are_told(here: Here) -> None:
    foreign = foreign_of(here)
    waiting = [
        a_row(7, id=NativeId(f"7_{n}"), array=NativeId("7"), index=n, state=State.QUEUED)
        for n in range(10_000)
    ]
    started = replace(waiting[9_999], state=State.RUNNING)
    told = seen(foreign, *waiting[:-1], started)
    assert len(told) == 201
    assert told[-1].id == "7_9999"
    listing = foreign.listing()
    assert listing is not None
    assert len(listing.arrays[NativeId("7")]) == 10_000


async def test_an_end_is_told_as_it_is_of_our_own_jobs(here: Here) -> None:
    failed = a_row(state=State.FAILED, reason=Reason.TIMEOUT, word="TIMEOUT", signal=9)
    (job,) = seen(foreign_of(here), failed)
    assert (job.state, job.reason, job.signal) == (State.FAILED, Reason.TIMEOUT, 9)
    assert job.why == "it reached its wall-time limit and was ended (TIMEOUT)"


async def test_a_reason_that_the_state_does_not_have_is_left_out(here: Here) -> None:
    (job,) = seen(foreign_of(here), a_row(reason=Reason.TIMEOUT))
    assert (job.state, job.reason) == (State.RUNNING, None)


@pytest.mark.parametrize(
    ("log", "directory", "path"),
    [
        ("/data/out", "/home/alice", "/data/out"),
        ("out", "/home/alice/", "/home/alice/out"),
        ("out", "", ""),
        ("", "/home/alice", ""),
    ],
)
async def test_the_path_of_a_log_is_absolute_or_not_known(
    log: str, directory: str, path: str, here: Here
) -> None:
    (job,) = seen(foreign_of(here), a_row(log=log, directory=directory))
    assert job.log == path


async def test_a_log_is_read_in_parts(here: Here, tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b"0123456789")
    foreign = foreign_of(here)
    assert await foreign.read_log(str(tmp_path / "log"), offset=3, limit=4) == (b"3456", 10)


async def test_what_is_no_file_is_not_read(here: Here, tmp_path: Path) -> None:
    foreign = foreign_of(here)
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "link").symlink_to(tmp_path / "secret")
    for path in (tmp_path / "link", tmp_path / "missing", tmp_path, Path("/dev/zero")):
        with pytest.raises(NotFound):
            await foreign.read_log(str(path), offset=0, limit=10)


async def test_no_right_of_a_file_is_changed_to_read_it(here: Here, tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"x")
    path.chmod(0)
    try:
        await foreign_of(here).read_log(str(path), offset=0, limit=10)
    except NotFound:
        assert os.geteuid()  # root may read it
    assert path.stat().st_mode & 0o777 == 0


async def test_a_job_that_waits_to_write_to_a_pipe_goes_on_waiting(
    here: Here, tmp_path: Path
) -> None:
    pipe = tmp_path / "log"
    os.mkfifo(pipe)
    was_opened = threading.Event()

    def write() -> None:
        os.close(os.open(pipe, os.O_WRONLY))
        was_opened.set()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        with pytest.raises(NotFound):
            await foreign_of(here).read_log(str(pipe), offset=0, limit=10)
        assert not was_opened.is_set()
    finally:
        os.close(os.open(pipe, os.O_RDONLY))
        writer.join()


async def test_an_older_listing_is_forgotten(here: Here) -> None:
    foreign = foreign_of(here)
    seen(foreign, a_row(1))
    foreign.heard(Listing(rows=[], asked=NOON + timedelta(seconds=1)))
    listing = foreign.listing()
    assert listing is not None
    assert (listing.at, dict(listing.jobs)) == (NOON + timedelta(seconds=1), {})


class TestFates:
    """What becomes of jobs that are listed no more."""

    async def test_where_there_is_no_accounting_nobody_knows_them(self) -> None:
        foreign, _ = vanished(NoAccounting())
        fates = await foreign.fates([NativeId("1")])
        assert (list(fates.jobs), set(fates.asked)) == ([], {"1"})

    async def test_while_one_source_is_away_they_were_not_asked_for(self) -> None:
        foreign, cluster = vanished(NoAccounting(), FakeSource())
        cluster.away = {"ask"}
        assert set((await foreign.fates([NativeId("1")])).asked) == set()

    async def test_one_that_is_known_needs_no_other_source(self) -> None:
        foreign, cluster = vanished(FakeSource(), NoAccounting())
        cluster.accounts[NativeId("1")] = a_row(1, state=State.SUCCEEDED)
        fates = await foreign.fates([NativeId("1"), NativeId("2")])
        assert [job.state for job in fates.jobs] == [State.SUCCEEDED]
        assert set(fates.asked) == {"1", "2"}

    async def test_all_jobs_that_had_an_id_are_told_but_those_of_headway(self) -> None:
        foreign, cluster = vanished(FakeSource())
        earlier = a_row(1, submitted=NOON - timedelta(days=300), state=State.FAILED)
        ours = a_row(1, mark=SlurmDialect().mark(TAG), state=State.FAILED)
        rows = {NativeId("1"): a_row(1, state=State.SUCCEEDED), NativeId("+"): earlier}
        cluster.accounts = {**rows, NativeId("#"): ours}
        fates = await foreign.fates([NativeId("1"), NativeId("+"), NativeId("#")])
        assert [job.submitted for job in fates.jobs] == [NOON, NOON - timedelta(days=300)]


class NoAccounting:
    """Is not there."""

    name = "none"

    def ask(self, ids: Sequence[NativeId]) -> Command:
        return Command(argv=("ask", *ids))

    def read(self, output: Output) -> Sequence[NativeJob]:
        raise ExecutorRejected(f"there is no accounting: {output.complaint}")


def vanished(*sources: Source) -> tuple[Foreign, FakeCluster]:
    clock = FakeClock()
    dialect, cluster = FakeDialect(), FakeCluster(clock)
    dialect.sources = sources
    return Foreign(dialect, cluster, Pace(), lambda: None), cluster
