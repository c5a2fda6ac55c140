"""The pass expire forgets a job and its logs together."""

from datetime import timedelta

import msgspec
import pytest

from headway.core.core import Core
from headway.core.errors import NotFound
from headway.core.model.change import Retention
from headway.core.model.names import Cluster
from headway.core.model.principal import Principal
from headway.core.model.spec import Spec
from headway.core.model.state import State
from headway.core.operations.submit import Submission, submit
from headway.core.passes.dispatch import Dispatch
from headway.core.passes.expire import expire
from headway.core.ports.executor import Observation, Stream
from headway.testing.fakes import FakeClock, FakeExecutor

pytestmark = pytest.mark.anyio


async def test_a_job_that_is_kept_no_longer_goes_with_its_logs(
    core: Core, clock: FakeClock, executor: FakeExecutor, alice: Principal
) -> None:
    brief = msgspec.structs.replace(core.settings, retention=Retention(jobs=timedelta(days=1)))
    core = msgspec.structs.replace(core, settings=brief)
    submission = Submission(spec=Spec(command=("/bin/true",)))
    job = (await submit(core, actor=alice, protocol="rest", submission=submission)).job
    dispatch = Dispatch(core, cluster=Cluster("local"))
    await dispatch.start()
    await dispatch.send()
    executor.logs[job.tag, Stream.STDOUT] = b"words"
    end = Observation(tag=job.tag, state=State.SUCCEEDED, exit_code=0, at=clock.now())
    await dispatch.observe([end])
    await expire(core)
    assert (await core.store.job(job.id)).state is State.SUCCEEDED
    clock.advance(seconds=90_000)
    await expire(core)
    with pytest.raises(NotFound):
        await core.store.job(job.id)
    with pytest.raises(NotFound):
        await executor.read_log(job.tag, Stream.STDOUT, offset=0, limit=9)
