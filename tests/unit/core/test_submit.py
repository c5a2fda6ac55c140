"""A request becomes one job, however often it is sent."""

import asyncio

import pytest

from headway.core.core import Core
from headway.core.errors import Conflict, Forbidden, InFlight, InvalidRequest, KeyReused, NotFound
from headway.core.model.event import EventType
from headway.core.model.job import Kind
from headway.core.model.names import Cluster, JobId
from headway.core.model.principal import Principal, Scope
from headway.core.model.selection import Selection, Visibility
from headway.core.model.spec import Spec
from headway.core.model.state import State
from headway.core.operations.submit import Submission, Submitted, submit

pytestmark = pytest.mark.anyio

TRUE = Submission(spec=Spec(command=("/bin/true",)), name="nightly")


async def sent(
    core: Core, actor: Principal, *, key: str | None = None, digest: bytes = b"1"
) -> Submitted:
    return await submit(core, actor=actor, protocol="rest", submission=TRUE, key=key, digest=digest)


async def test_a_job_is_stored_accepted_with_its_event(core: Core, alice: Principal) -> None:
    job = (await sent(core, alice)).job
    [event] = await core.store.events(Visibility(everything=True), job=job.id, after=0, limit=9)  # type: ignore[arg-type]
    assert (job.state, job.owner, job.number, job.cluster) == (State.ACCEPTED, "alice", 1, "local")
    assert (event.type, event.actor, event.protocol) == (EventType.ACCEPTED, "alice", "rest")


async def test_a_job_without_a_name_is_called_by_its_program(core: Core, alice: Principal) -> None:
    submission = Submission(spec=Spec(command=("/opt/bin/simulate", "-v")))
    job = (await submit(core, actor=alice, protocol="rest", submission=submission)).job
    assert job.name == "simulate"


async def test_the_same_key_gives_the_same_job_again(core: Core, alice: Principal) -> None:
    first = await sent(core, alice, key="k")
    again = await sent(core, alice, key="k")
    assert (again.job.id, again.replayed) == (first.job.id, True)


async def test_a_key_is_its_callers_own(core: Core, alice: Principal) -> None:
    bob = Principal(name="bob", scopes=alice.scopes)
    first, other = await sent(core, alice, key="k"), await sent(core, bob, key="k")
    assert first.job.id != other.job.id


async def test_a_key_with_another_request_is_refused(core: Core, alice: Principal) -> None:
    await sent(core, alice, key="k")
    with pytest.raises(KeyReused):
        await sent(core, alice, key="k", digest=b"2")


async def test_a_key_in_flight_is_said_so_and_leaves_no_mark(core: Core, alice: Principal) -> None:
    core.in_flight.add(("alice", "k"))
    with pytest.raises(InFlight):
        await sent(core, alice, key="k")
    core.in_flight.clear()
    assert not (await sent(core, alice, key="k")).replayed
    assert core.in_flight == set()


async def test_of_many_at_once_with_one_key_one_becomes_a_job(core: Core, alice: Principal) -> None:
    answers = await asyncio.gather(
        *(sent(core, alice, key="k") for _ in range(20)), return_exceptions=True
    )
    stored = await core.store.jobs(Selection(), Visibility(everything=True), limit=99)
    assert len(stored) == 1
    assert all(isinstance(answer, Submitted | InFlight) for answer in answers)


async def test_a_cluster_that_is_not_there_is_named(core: Core, alice: Principal) -> None:
    submission = Submission(spec=Spec(command=("x",)), cluster=Cluster("moon"))
    with pytest.raises(InvalidRequest, match="moon") as caught:
        await submit(core, actor=alice, protocol="rest", submission=submission)
    assert caught.value.field == "cluster"


async def test_a_command_job_needs_a_command(core: Core, alice: Principal) -> None:
    with pytest.raises(InvalidRequest, match="command"):
        await submit(core, actor=alice, protocol="rest", submission=Submission())


async def test_who_may_only_report_may_not_run(core: Core) -> None:
    worker = Principal(name="w", scopes=frozenset({Scope.REPORT}))
    with pytest.raises(Forbidden):
        await sent(core, worker)
    told = Submission(kind=Kind.REPORT, name="elsewhere")
    assert (await submit(core, actor=worker, protocol="rest", submission=told)).job.cluster is None


async def test_a_parent_must_be_there_and_ones_own(core: Core, alice: Principal) -> None:
    stranger = Principal(name="bob", scopes=alice.scopes)
    parent = (await sent(core, alice)).job
    child = Submission(spec=Spec(command=("x",)), parent=parent.id, index=1)
    assert (
        await submit(core, actor=alice, protocol="rest", submission=child)
    ).job.parent == parent.id
    with pytest.raises(NotFound, match="parent"):
        await submit(core, actor=stranger, protocol="rest", submission=child)
    lost = Submission(spec=Spec(command=("x",)), parent=JobId("nobody"))
    with pytest.raises(NotFound, match="parent"):
        await submit(core, actor=alice, protocol="rest", submission=lost)


async def test_a_foreign_id_is_taken_once(core: Core, alice: Principal) -> None:
    named = Submission(spec=Spec(command=("x",)), aliases=(("arp", "77", "77"),))
    await submit(core, actor=alice, protocol="arp", submission=named)
    with pytest.raises(Conflict):
        await submit(core, actor=alice, protocol="arp", submission=named)


async def test_a_job_that_will_say_its_end_runs_from_its_first_moment(
    core: Core, alice: Principal
) -> None:
    told = Submission(kind=Kind.REPORT, name="elsewhere", will_finish=True)
    job = (await submit(core, actor=alice, protocol="rest", submission=told)).job
    assert (job.state, job.started) == (State.RUNNING, core.clock.now())
