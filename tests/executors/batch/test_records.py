"""What is in attempts' directories, and giving attempts up."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headway.core.errors import ExecutorUnavailable
from headway.core.model.names import NativeId, tag_of
from headway.executors.batch.place import Places
from headway.executors.batch.records import Found, Records, Wanted
from headway.testing.fake_cluster import FakeCluster
from headway.testing.fakes import FakeClock
from headway.testing.samples import job_id

pytestmark = pytest.mark.anyio

TAG = tag_of(job_id(1), 1)
ELEMENT = tag_of(job_id(2), 1)
PLACES = Places("/shared/")


@pytest.fixture
def cluster() -> FakeCluster:
    return FakeCluster(FakeClock())


@pytest.fixture
def records(cluster: FakeCluster) -> Records:
    return Records(PLACES, cluster)


async def test_what_the_scheduler_answered_is_kept(records: Records) -> None:
    await records.write_submitted({TAG: NativeId("7")}, {})
    found = (await records.of([Wanted(TAG)]))[Wanted(TAG)]
    assert found == Found(submitted=NativeId("7"))
    assert found.is_there


async def test_an_element_has_the_answer_of_the_array_and_records_of_its_own(
    records: Records, cluster: FakeCluster
) -> None:
    await records.write_submitted({TAG: NativeId("7")}, {})
    cluster.files[PLACES.file(ELEMENT, "claim")] = b'{"native_id": "7.1"}'
    wanted = Wanted(ELEMENT, 0, TAG)
    found = (await records.of([wanted]))[wanted]
    assert (found.submitted, found.claimed) == ("7", "7.1")


@pytest.mark.parametrize("wrong", ["", "7\n8", "\ud800", "\x1b[31m", "7" * 201, 7, None, ["7"]])
async def test_what_a_job_wrote_in_place_of_an_id_is_none(
    records: Records, cluster: FakeCluster, wrong: object
) -> None:
    for name in ("claim", "submitted"):
        cluster.files[PLACES.file(TAG, name)] = json.dumps({"native_id": wrong}).encode()
    assert (await records.of([Wanted(TAG)]))[Wanted(TAG)] == Found()


async def test_runs_are_told_apart(records: Records, cluster: FakeCluster) -> None:
    cluster.files[PLACES.file(TAG, "ended")] = b'{"at": 1, "exit_code": 1}'
    cluster.files[PLACES.file(TAG, "ended", 2)] = b'{"at": 1, "exit_code": 2, "run": 2}'
    wanted = [Wanted(TAG, run) for run in range(3)]
    found = await records.of(wanted)
    ends = [found[each].ended for each in wanted]
    assert [None if end is None else end.exit_code for end in ends] == [1, None, 2]


async def test_an_attempt_is_given_up_once_for_all(records: Records) -> None:
    assert await records.revoke([TAG]) == {TAG}
    assert await records.revoke([TAG]) == {TAG}
    found = (await records.of([Wanted(TAG)]))[Wanted(TAG)]
    assert (found.revoked, found.claimed, found.is_there) == (True, None, True)


async def test_an_attempt_that_has_begun_is_not_given_up(
    records: Records, cluster: FakeCluster
) -> None:
    cluster.files[PLACES.file(TAG, "claim")] = b'{"native_id": "7"}'
    assert await records.revoke([TAG]) == set()
    assert (await records.of([Wanted(TAG)]))[Wanted(TAG)].claimed == "7"


async def test_what_cannot_be_reached_is_not_known(records: Records, cluster: FakeCluster) -> None:
    cluster.away = {"files"}
    with pytest.raises(ExecutorUnavailable):
        await records.of([Wanted(TAG)])
    assert await records.revoke([TAG]) == set()
    with pytest.raises(ExecutorUnavailable):
        await records.last_words(TAG)


async def test_each_element_of_an_array_has_the_schedulers_words_of_its_own(
    cluster: FakeCluster,
) -> None:
    for suffix in ("", ".1", ".2"):
        cluster.files[f"{PLACES.file(TAG, 'scheduler')}{suffix}"] = f"of{suffix}\n".encode()
    records = Records(PLACES, cluster, first_index=1)
    said = [await records.last_words(TAG, element) for element in (None, 0, 1, 2)]
    assert said == ["of", "of.1", "of.2", ""]


@given(st.dictionaries(st.sampled_from(["submitted", "claim", "started", "ended"]), st.binary()))
async def test_any_files_are_records_or_none(files: dict[str, bytes]) -> None:
    cluster = FakeCluster(FakeClock())
    cluster.files = {PLACES.file(TAG, name): data for name, data in files.items()}
    found = (await Records(PLACES, cluster).of([Wanted(TAG)]))[Wanted(TAG)]
    assert not found.revoked
    await Records(PLACES, cluster).revoke([TAG])


@given(st.text())
async def test_no_native_id_can_stand_for_giving_up(native_id: str) -> None:
    cluster = FakeCluster(FakeClock())
    data = json.dumps({"native_id": native_id}).encode()
    cluster.files[PLACES.file(TAG, "claim")] = data
    assert await Records(PLACES, cluster).revoke([TAG]) == set()
