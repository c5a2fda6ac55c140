"""What callers nobody knows may fill of the store."""

from collections.abc import AsyncIterator, Callable

import httpx
import pytest

from headway.core.core import Core
from headway.core.model.principal import Principal
from headway.core.operations.named import open_named
from headway.protocols.http.context import HttpContext, OpenQuota
from headway.protocols.http.identity import IdentitySettings
from headway.protocols.http.live.hub import Hub
from headway.protocols.http.router import mounted, plain_routes
from headway.protocols.progress import plugin
from headway.protocols.progress.wire import NAMESPACE
from headway.testing.fakes import FakeClock

pytestmark = pytest.mark.anyio

Limited = Callable[[OpenQuota], httpx.AsyncClient]


@pytest.fixture
async def limited(core: Core) -> AsyncIterator[Limited]:
    """Make callers from this machine whom nobody knows, of a server with some quota."""
    made: list[httpx.AsyncClient] = []

    def make(quota: OpenQuota) -> httpx.AsyncClient:
        identity = IdentitySettings(own_user="alice")
        context = HttpContext(identity=identity, hub=Hub(core.store), open_quota=quota)
        protocol = mounted(
            {plugin.prefix: plugin.make(core, context)}, plain_routes({}, methods=("GET",))
        )
        transport = httpx.ASGITransport(protocol)
        made.append(httpx.AsyncClient(transport=transport, base_url="http://localhost"))
        return made[-1]

    yield make
    for client in made:
        await client.aclose()


async def update(client: httpx.AsyncClient, jobid: str, workid: str, **more: str) -> httpx.Response:
    asked = {"jobid": jobid, "workid": workid, "current": "1", **more}
    return await client.get("/progress/update", params=asked)


async def test_one_caller_makes_so_many_jobs_an_hour(limited: Limited, clock: FakeClock) -> None:
    client = limited(OpenQuota(jobs_per_hour=2))
    assert (await client.get("/progress/create?jobid=a")).status_code == 200
    assert (await update(client, "b", "w")).status_code == 200  # makes its job
    refused = await client.get("/progress/create?jobid=c")
    assert (refused.status_code, refused.json()["code"]) == (429, "too-many-requests")
    assert refused.headers["retry-after"] == "1800"
    assert "2 jobs an hour" in refused.json()["detail"]
    assert (await update(client, "c", "w")).status_code == 429
    assert (await update(client, "a", "w")).status_code == 200  # of a job that is there
    clock.advance(seconds=1801)
    assert (await client.get("/progress/create?jobid=c")).status_code == 200


async def test_a_job_that_nobody_owns_has_so_many_workers(limited: Limited) -> None:
    client = limited(OpenQuota(workers_per_job=2))
    created = await client.get("/progress/create?jobid=a")
    key = httpx.URL(created.headers["headway-update-url"]).params["k"]
    assert [(await update(client, "a", name)).status_code for name in "xyx"] == [200, 200, 200]
    refused = await update(client, "a", "z")
    assert (refused.status_code, refused.json()["field"]) == (413, "workid")
    assert (await update(client, "a", "z", k=key)).status_code == 413
    assert (await update(client, "a", "y", k=key)).status_code == 200


async def test_workers_that_were_there_before_the_server_are_counted(
    limited: Limited,
) -> None:
    await update(limited(OpenQuota()), "a", "x")
    client = limited(OpenQuota(workers_per_job=1))
    assert (await update(client, "a", "y")).status_code == 413
    assert (await update(client, "a", "x")).status_code == 200


async def test_all_that_nobody_owns_has_its_bound(limited: Limited, clock: FakeClock) -> None:
    client = limited(OpenQuota(rows=4))
    for name in "xyz":
        assert (await update(client, "a", name)).status_code == 200
    refused = await update(client, "a", "more")
    assert (refused.status_code, refused.json()["code"]) == (507, "storage-full")
    assert (await client.get("/progress/create?jobid=b")).status_code == 507
    assert (await update(client, "a", "x")).status_code == 200
    clock.advance(seconds=3600)
    assert (await update(client, "a", "more")).status_code == 507


async def test_a_known_users_job_is_not_held_to_it_by_its_key(
    limited: Limited, core: Core, alice: Principal
) -> None:
    await open_named(
        core, actor=alice, protocol="x", namespace=NAMESPACE, key="a", shown="a", name="a"
    )
    client = limited(OpenQuota(workers_per_job=1, rows=1))
    alias = await core.store.alias(NAMESPACE, "a")
    assert alias is not None
    key = core.seal.sign(f"progress {alias.job}")
    assert [(await update(client, "a", name, k=key)).status_code for name in "xyz"] == [200] * 3
    assert (await update(client, "a", "other")).status_code == 413
