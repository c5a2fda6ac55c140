"""Where jobs run as their owners on one cluster, the server's own user is nobody else's on the others."""

import msgspec
import pytest

from headway.core.core import Core
from headway.core.errors import Forbidden
from headway.core.model.job import Job
from headway.core.model.names import Cluster
from headway.core.model.principal import Principal
from headway.core.model.spec import Spec
from headway.core.model.state import Reason, State
from headway.core.operations.submit import Submission, submit
from headway.core.passes.dispatch import Dispatch
from headway.core.ports.executor import Observation
from headway.testing.fakes import FakeClock, FakeExecutor

pytestmark = pytest.mark.anyio

_LOCAL = Cluster("local")


def as_owners(core: Core, *, own_user: str, also: bool = False) -> Core:
    """Have jobs run as their owners on a second cluster, or (``also``) on the first one too."""
    first = None if also else own_user
    runs_as = {_LOCAL: first, Cluster("slurm"): None}
    return msgspec.structs.replace(core, runs_as=runs_as, own_user=own_user)


async def a_job(core: Core, actor: Principal) -> Job:
    submission = Submission(spec=Spec(command=("/bin/true",)), cluster=_LOCAL)
    return (await submit(core, actor=actor, protocol="rest", submission=submission)).job


async def test_another_users_job_is_refused_where_it_would_run_as_the_server(
    core: Core, alice: Principal
) -> None:
    with pytest.raises(Forbidden, match="for headway only; take slurm"):
        await a_job(as_owners(core, own_user="headway"), alice)


async def test_the_servers_own_user_runs_there_all_the_same(core: Core, alice: Principal) -> None:
    assert (await a_job(as_owners(core, own_user=alice.name), alice)).owner == alice.name


async def test_everybody_runs_where_jobs_run_as_their_owners(core: Core, alice: Principal) -> None:
    assert (await a_job(as_owners(core, own_user="headway", also=True), alice)).cluster == _LOCAL


async def test_where_no_cluster_runs_as_owners_everybody_runs_as_the_server(
    core: Core, alice: Principal
) -> None:
    plain = msgspec.structs.replace(core, own_user="headway", runs_as={_LOCAL: "headway"})
    assert (await a_job(plain, alice)).owner == alice.name


async def test_a_job_from_before_that_was_so_is_not_run_either(
    core: Core, executor: FakeExecutor, alice: Principal
) -> None:
    job = await a_job(core, alice)
    after = as_owners(core, own_user="headway")
    await Dispatch(after, cluster=_LOCAL).send()
    now = await core.store.job(job.id)
    assert (now.state, now.reason) == (State.FAILED, Reason.NOT_STARTED)
    assert not executor.launches


async def test_an_executor_is_told_whose_job_it_is(
    core: Core, executor: FakeExecutor, alice: Principal
) -> None:
    job = await a_job(core, alice)
    await Dispatch(core, cluster=_LOCAL).send()
    assert executor.launches[job.tag].owner == alice.name


async def test_a_job_says_why_its_executor_could_not_pass_it_on_yet(
    core: Core, clock: FakeClock, alice: Principal
) -> None:
    job = await a_job(core, alice)
    dispatch = Dispatch(core, cluster=_LOCAL)
    await dispatch.send()
    waits = Observation(
        tag=job.tag, state=State.ACCEPTED, reason=Reason.EXECUTOR_DOWN, at=clock.now()
    )
    await dispatch.observe([waits, waits])
    now = await core.store.job(job.id)
    assert (now.state, now.reason, now.rev) == (State.ACCEPTED, Reason.EXECUTOR_DOWN, job.rev + 1)
    await dispatch.observe([msgspec.structs.replace(waits, state=State.QUEUED, reason=None)])
    assert (await core.store.job(job.id)).state is State.QUEUED
    await dispatch.observe([waits])
    assert (await core.store.job(job.id)).state is State.QUEUED
