"""Who may say that an attempt runs, and how it ended."""

import httpx
import msgspec
import pytest
from tests.protocols.rest.conftest import NewToken

from headway.core.core import Core
from headway.core.model.names import JobId
from headway.core.model.principal import Scope
from headway.core.operations.tokens import report_token
from headway.testing.fakes import FakeExecutor

pytestmark = pytest.mark.anyio

CLAIM = {"worker": "0123456789abcdef", "host": "node1", "pid": 7}
OUTCOME = {"worker": "0123456789abcdef", "outcome": {"state": "succeeded"}, "data": "WzFd"}


async def own_token(client: httpx.AsyncClient, core: Core) -> tuple[str, dict[str, str]]:
    """A job, and what it sends as itself."""
    answer = await client.post("/jobs", json={"command": ["reduce"]})
    job = await core.store.job(JobId(answer.json()["id"]))
    return str(job.id), {"authorization": f"Bearer {report_token(core, job)}"}


async def test_a_job_itself_claims_its_attempt_and_tells_its_end(
    client: httpx.AsyncClient, stranger: httpx.AsyncClient, core: Core, executor: FakeExecutor
) -> None:
    job_id, token = await own_token(client, core)
    path = f"/jobs/{job_id}/attempts/1"
    claimed = await stranger.put(f"{path}/claim", json=CLAIM, headers=token)
    told = await stranger.put(f"{path}/outcome", json=OUTCOME, headers=token)
    assert (claimed.status_code, told.status_code) == (204, 204)
    (first, second) = [msgspec.json.decode(record) for _, record in executor.words]
    assert first == {"claim": CLAIM}
    assert second["outcome"]["data"] == "WzFd"


async def test_nobody_else_claims_it(
    client: httpx.AsyncClient,
    stranger: httpx.AsyncClient,
    core: Core,
    executor: FakeExecutor,
    new_token: NewToken,
) -> None:
    job_id, _ = await own_token(client, core)
    _, of_another = await own_token(client, core)
    path = f"/jobs/{job_id}/attempts/1/claim"
    runner = {"authorization": f"Bearer {await new_token('mallory', Scope.RUN)}"}
    answers = [
        await client.put(path, json=CLAIM),
        await stranger.put(path, json=CLAIM),
        await stranger.put(path, json=CLAIM, headers=runner),
        await stranger.put(path, json=CLAIM, headers=of_another),
    ]
    assert [answer.status_code for answer in answers] == [403, 401, 404, 404]
    assert executor.words == []


async def test_an_attempt_that_is_over_is_claimed_by_nobody(
    client: httpx.AsyncClient, stranger: httpx.AsyncClient, core: Core, executor: FakeExecutor
) -> None:
    job_id, token = await own_token(client, core)
    later = await stranger.put(f"/jobs/{job_id}/attempts/2/claim", json=CLAIM, headers=token)
    assert executor.words == []
    assert later.status_code == 409
