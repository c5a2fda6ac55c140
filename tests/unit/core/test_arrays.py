"""Arrays: handed over as one where the executor takes that, and where their elements are."""

from collections.abc import Sequence

import pytest

from headway.core.core import Core
from headway.core.errors import InvalidRequest, TooLarge
from headway.core.model.array import MOST_ELEMENTS, Array, as_text, indices_of
from headway.core.model.change import Written
from headway.core.model.job import Job
from headway.core.model.names import Cluster, Tag
from headway.core.model.principal import Principal
from headway.core.model.selection import Selection, Visibility
from headway.core.model.spec import Sandbox, Spec
from headway.core.model.state import Reason, State
from headway.core.operations.cancel import cancel
from headway.core.operations.clone import submission_like
from headway.core.operations.retry import retry
from headway.core.operations.submit import Submission, submit
from headway.core.passes.arrays import Arrays, state_of
from headway.core.passes.dispatch import Dispatch
from headway.core.ports.executor import Observation
from headway.testing.fakes import NOON, FakeExecutor, exited, running

pytestmark = pytest.mark.anyio

LOCAL = Cluster("local")


@pytest.fixture
async def dispatch(core: Core) -> Dispatch:
    made = Dispatch(core, cluster=LOCAL)

    def heard(batch: Sequence[Written]) -> None:
        for written in batch:
            for job in written.jobs:
                made.noticed(job)

    core.store.listen(heard)
    await made.start()
    return made


@pytest.fixture
def arrays(core: Core) -> Arrays:
    return Arrays(core)


async def an_array(core: Core, alice: Principal, indices: str = "1-3") -> Job:
    spec = Spec(command=("/bin/true",), array=Array(indices=indices))
    return (await submit(core, actor=alice, protocol="rest", submission=Submission(spec=spec))).job


async def elements(core: Core, parent: Job) -> list[Job]:
    found = await core.store.jobs(
        Selection(parent=parent.id), Visibility(everything=True), limit=100
    )
    return sorted(found, key=lambda job: job.index or 0)


async def tags(core: Core, parent: Job) -> list[Tag]:
    return [job.tag for job in await elements(core, parent)]


async def ended_so(
    core: Core, dispatch: Dispatch, arrays: Arrays, parent: Job, codes: Sequence[int]
) -> Job:
    """Have each element end with its exit code; gives the array then."""
    await dispatch.send()
    there = await tags(core, parent)
    await dispatch.observe(
        [exited(tag, exit_code=code) for tag, code in zip(there, codes, strict=True)]
    )
    await arrays.round()
    return await core.store.job(parent.id)


async def test_elements_are_handed_over_as_one_launch(
    core: Core, alice: Principal, dispatch: Dispatch, executor: FakeExecutor
) -> None:
    executor.takes_elements = 1000
    parent = await an_array(core, alice)
    await dispatch.send()
    there = await tags(core, parent)
    [launch] = {id(each): each for each in executor.launches.values()}.values()
    assert [element.tag for element in launch.elements] == there
    indices = [element.environment["HEADWAY_ARRAY_INDEX"] for element in launch.elements]
    assert indices == ["1", "2", "3"]


async def test_elements_go_one_by_one_where_the_executor_takes_no_arrays(
    core: Core, alice: Principal, dispatch: Dispatch, executor: FakeExecutor
) -> None:
    parent = await an_array(core, alice)
    await dispatch.send()
    assert executor.sent == await tags(core, parent)


async def test_the_parent_is_never_handed_over_nor_lost(
    core: Core, alice: Principal, dispatch: Dispatch, executor: FakeExecutor
) -> None:
    parent = await an_array(core, alice)
    await dispatch.send()
    await dispatch.start()
    assert parent.tag not in executor.launches
    assert not (await core.store.job(parent.id)).state.is_final


async def test_an_array_has_begun_when_an_element_has(
    core: Core, alice: Principal, dispatch: Dispatch, arrays: Arrays
) -> None:
    parent = await an_array(core, alice)
    await dispatch.send()
    await dispatch.observe([running((await tags(core, parent))[1])])
    await arrays.round()
    assert (await core.store.job(parent.id)).state is State.RUNNING


def waiting(tag: Tag, reason: Reason | None) -> Observation:
    return Observation(tag=tag, state=State.QUEUED, reason=reason, at=NOON)


async def test_an_array_waits_in_vain_while_an_element_does(
    core: Core, alice: Principal, dispatch: Dispatch, arrays: Arrays
) -> None:
    parent = await an_array(core, alice)
    await dispatch.send()
    there = await tags(core, parent)
    await dispatch.observe([waiting(tag, Reason.CANNOT_START) for tag in there])
    await arrays.round()
    await arrays.round()
    assert (await core.store.job(parent.id)).reason is Reason.CANNOT_START
    await dispatch.observe([waiting(tag, None) for tag in there])
    await arrays.round()
    assert (await core.store.job(parent.id)).reason is None


async def test_an_array_has_succeeded_when_all_elements_have(
    core: Core, alice: Principal, dispatch: Dispatch, arrays: Arrays
) -> None:
    job = await ended_so(core, dispatch, arrays, await an_array(core, alice), [0, 0, 0])
    assert (job.state, job.exit_code) == (State.SUCCEEDED, 0)


async def test_an_array_says_which_element_failed_and_how(
    core: Core, alice: Principal, dispatch: Dispatch, arrays: Arrays
) -> None:
    job = await ended_so(core, dispatch, arrays, await an_array(core, alice), [0, 4, 0])
    assert (job.state, job.reason, job.exit_code) == (State.FAILED, Reason.NONZERO_EXIT, 4)
    assert job.error is not None
    assert job.error.message.startswith("1 of 3 elements failed")


async def test_an_array_that_was_cancelled_after_one_failed_says_how_many_of_each(
    core: Core, alice: Principal, dispatch: Dispatch, arrays: Arrays
) -> None:
    parent = await an_array(core, alice)
    await dispatch.send()
    first, *others = await tags(core, parent)
    await cancel(core, actor=alice, protocol="rest", job_id=parent.id)
    await arrays.round()
    ends = [Observation(tag=tag, state=State.CANCELLED, at=core.clock.now()) for tag in others]
    await dispatch.observe([exited(first, exit_code=4), *ends])
    await arrays.round()
    job = await core.store.job(parent.id)
    assert job.error is not None
    assert job.error.message.startswith("1 of 3 elements failed, 2 were cancelled")


async def test_cancelling_an_array_is_a_wish_for_each_element(
    core: Core, alice: Principal, dispatch: Dispatch, arrays: Arrays
) -> None:
    parent = await an_array(core, alice)
    await cancel(core, actor=alice, protocol="rest", job_id=parent.id)
    await arrays.round()
    await dispatch.cancel()
    await arrays.round()
    assert {job.state for job in await elements(core, parent)} == {State.CANCELLED}
    assert (await core.store.job(parent.id)).state is State.CANCELLED


async def test_retrying_an_array_tries_the_elements_again_that_failed(
    core: Core, alice: Principal, dispatch: Dispatch, arrays: Arrays
) -> None:
    parent = await ended_so(core, dispatch, arrays, await an_array(core, alice), [0, 4, 0])
    await retry(core, actor=alice, protocol="rest", job_id=parent.id)
    await arrays.round()
    assert [job.attempt for job in await elements(core, parent)] == [1, 2, 1]
    assert (await core.store.job(parent.id)).attempt == 2


async def test_retrying_one_element_opens_its_array_again(
    core: Core, alice: Principal, dispatch: Dispatch, arrays: Arrays
) -> None:
    parent = await ended_so(core, dispatch, arrays, await an_array(core, alice), [0, 4, 0])
    failed = (await elements(core, parent))[1]
    await retry(core, actor=alice, protocol="rest", job_id=failed.id)
    await arrays.round()
    job = await core.store.job(parent.id)
    assert (job.state.is_final, job.attempt) == (False, 2)


async def test_a_new_server_takes_up_unfinished_arrays(
    core: Core, alice: Principal, dispatch: Dispatch
) -> None:
    parent = await an_array(core, alice)
    await dispatch.send()
    await dispatch.observe([exited(tag) for tag in await tags(core, parent)])
    await Arrays(core).round()
    assert (await core.store.job(parent.id)).state is State.SUCCEEDED


async def test_the_like_of_an_element_is_a_job_by_itself(core: Core, alice: Principal) -> None:
    element = (await elements(core, await an_array(core, alice)))[0]
    assert submission_like(element).spec.array is None


async def test_an_array_cannot_share_one_sandbox(core: Core, alice: Principal) -> None:
    spec = Spec(command=("/bin/true",), array=Array(indices="0-1"), sandbox=Sandbox())
    with pytest.raises(InvalidRequest, match="a job with a sandbox cannot be an array"):
        await submit(core, actor=alice, protocol="rest", submission=Submission(spec=spec))


@pytest.mark.parametrize(
    ("text", "indices"),
    [("0-3", [0, 1, 2, 3]), ("7", [7]), ("5,1-2,2", [1, 2, 5]), ("0-10:5", [0, 5, 10])],
)
def test_indices_are_read_as_schedulers_write_them(text: str, indices: list[int]) -> None:
    assert indices_of(text) == indices


@pytest.mark.parametrize("text", ["", "a", "1-", "3-1", "1-5:0", "-1", "0-9999999", "1;2", "٣"])
def test_indices_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(InvalidRequest, match=r"array\.indices"):
        indices_of(text)


def test_an_array_has_a_largest_size() -> None:
    assert len(indices_of(f"0-{MOST_ELEMENTS - 1}")) == MOST_ELEMENTS
    with pytest.raises(TooLarge, match=str(MOST_ELEMENTS)):
        indices_of(f"0-{MOST_ELEMENTS}")


@pytest.mark.parametrize("text", ["0-3,7", "5", "0,2,4-9"])
def test_indices_are_written_as_short_as_they_were_read(text: str) -> None:
    assert as_text(indices_of(text)) == text


@pytest.mark.parametrize(
    ("counts", "state"),
    [
        ({}, None),
        ({"accepted": 2}, State.ACCEPTED),
        ({"accepted": 2, "queued": 1}, State.QUEUED),
        ({"queued": 2, "running": 1}, State.RUNNING),
        ({"queued": 2, "succeeded": 1}, State.RUNNING),
        ({"succeeded": 3}, State.SUCCEEDED),
        ({"succeeded": 3, "cancelled": 1}, State.CANCELLED),
        ({"succeeded": 3, "cancelled": 1, "failed": 1}, State.FAILED),
    ],
)
def test_an_array_is_where_its_elements_are(counts: dict[str, int], state: State | None) -> None:
    assert state_of(counts) is state
