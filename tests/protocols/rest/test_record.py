"""What a job says of its own beginning and end is taken from the job alone."""

import httpx
import pytest
from tests.protocols.rest.conftest import NewToken

from headway.core.core import Core
from headway.core.model.names import JobId
from headway.core.model.principal import Scope
from headway.core.operations.tokens import report_token
from headway.testing.fakes import FakeExecutor

pytestmark = pytest.mark.anyio

END = {"native_id": "7", "at": 1_800_000_000, "exit_code": 0}


async def own_token(client: httpx.AsyncClient, core: Core) -> tuple[str, dict[str, str]]:
    """A job, and what it sends as itself."""
    answer = await client.post("/jobs", json={"command": ["reduce"]})
    job = await core.store.job(JobId(answer.json()["id"]))
    return str(job.id), {"authorization": f"Bearer {report_token(core, job)}"}


async def test_a_job_itself_tells_its_end(
    client: httpx.AsyncClient, stranger: httpx.AsyncClient, core: Core, executor: FakeExecutor
) -> None:
    job_id, token = await own_token(client, core)
    path = f"/jobs/{job_id}/attempts/1/record"
    answer = await stranger.put(path, json=END, headers=token)
    assert answer.status_code == 204
    assert [tag for tag, _ in executor.words] == [f"{job_id}.1"]


async def test_nobody_else_tells_it(
    client: httpx.AsyncClient,
    stranger: httpx.AsyncClient,
    core: Core,
    executor: FakeExecutor,
    new_token: NewToken,
) -> None:
    job_id, _ = await own_token(client, core)
    _, of_another = await own_token(client, core)
    owner = (await core.store.job(JobId(job_id))).owner
    path = f"/jobs/{job_id}/attempts/1/record"
    answers = [await client.put(path, json=END), await stranger.put(path, json=END)]
    for user, scope in ((owner, Scope.REPORT), (owner, Scope.ADMIN), ("mallory", Scope.RUN)):
        headers = {"authorization": f"Bearer {await new_token(user, scope)}"}
        answers.append(await stranger.put(path, json=END, headers=headers))
    answers.append(await stranger.put(path, json=END, headers=of_another))
    assert [answer.status_code for answer in answers] == [403, 401, 403, 403, 404, 404]
    assert executor.words == []
