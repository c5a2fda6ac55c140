"""Paths and methods: each address answers what it is for, behind any prefix, and nothing else."""

import httpx
import pytest
from tests.protocols.rest.conftest import as_own_user

from headway.lib.asgi import ASGIApp
from headway.protocols.http.guards import Guards, GuardSettings
from headway.protocols.http.router import mounted, plain_routes

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("path", ["/nothing", "", "/", "/job", "/jobs/1/logs", "/jobs/1/log"])
async def test_what_is_not_there_is_not_found(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert answer.status_code == 404
    assert answer.json()["code"] == "not-found"


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/jobs", "GET, HEAD, POST"),
        ("PUT", "/jobs/1", "GET, HEAD"),
        ("GET", "/jobs/1/cancel", "POST"),
        ("GET", "/jobs/1/workers/w", "PUT"),
        ("POST", "/jobs/1/counters", "PATCH, PUT"),
        ("OPTIONS", "/whoami", "GET, HEAD"),
        ("TRACE", "/whoami", "GET, HEAD"),
    ],
)
async def test_a_method_that_is_not_for_an_address_is_told_which_are(
    client: httpx.AsyncClient, method: str, path: str, allowed: str
) -> None:
    answer = await client.request(method, path)
    assert (answer.status_code, answer.headers["allow"]) == (405, allowed)
    assert answer.json()["code"] == "method-not-allowed"


async def test_head_is_get_without_its_body(client: httpx.AsyncClient) -> None:
    got, head = await client.get("/jobs"), await client.head("/jobs")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == got.headers["content-length"]


async def test_a_slash_too_many_does_no_harm(client: httpx.AsyncClient) -> None:
    await client.post("/jobs", json={"command": ["true"]})
    for path in ("//jobs", "/jobs//1", "/jobs/1/", "/jobs/1//workers"):
        assert (await client.get(f"http://headway.test//api//v1{path}")).status_code == 200


async def test_a_path_that_is_no_utf8_is_refused(client: httpx.AsyncClient) -> None:
    assert (await client.get("/jobs/%FF")).status_code == 400


async def test_a_websockets_address_says_so(client: httpx.AsyncClient) -> None:
    answer = await client.get("/events/ws")
    assert (answer.status_code, answer.headers["upgrade"]) == (426, "websocket")


@pytest.mark.parametrize("passed_on", [True, False])
async def test_links_keep_the_prefix_of_a_proxy(app: ASGIApp, passed_on: bool) -> None:
    whole = mounted({"/api/v1": as_own_user(app)}, plain_routes({}, methods=("GET",)))
    guarded = Guards(whole, GuardSettings(hosts=frozenset({"hpc.test"}), prefix="/headway"))
    transport = httpx.ASGITransport(guarded)
    base = "https://hpc.test/headway" if passed_on else "https://hpc.test"
    async with httpx.AsyncClient(transport=transport) as client:
        answer = await client.post(f"{base}/api/v1/jobs", json={"command": ["true"]})
        place = f"https://hpc.test/headway/api/v1/jobs/{answer.json()['id']}"
        assert answer.headers["location"] == answer.json()["links"]["self"] == place
        shown = answer.json()
        assert shown["links"]["page"] == f"https://hpc.test/headway/j/{shown['number']}"
        light = f"https://hpc.test/headway/progress/show?id={shown['id']}"
        assert shown["links"]["light"] == light
        assert (
            await client.put(f"{base}/api/v1/jobs/1/workers/a%2Fb", json={"current": 1})
        ).json()["id"] == "a/b"
        openapi = (await client.get(f"{base}/api/v1/openapi.json")).json()
        assert openapi["servers"] == [{"url": "https://hpc.test/headway/api/v1"}]
