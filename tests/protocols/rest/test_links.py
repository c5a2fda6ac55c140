"""Signed links: POST /jobs/{id}/links, and what ``link=`` opens."""

from collections.abc import Awaitable, Callable
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from tests.protocols.rest.conftest import NewToken

from headway.core.core import Core
from headway.core.model.names import Tag
from headway.core.model.principal import Scope
from headway.core.operations.tokens import report_token
from headway.core.ports.executor import Stream
from headway.testing.fakes import FakeClock, FakeExecutor, FakeSeal

pytestmark = pytest.mark.anyio


async def _job(client: httpx.AsyncClient, name: str = "shared") -> str:
    answer = await client.post("/jobs", json={"kind": "report", "name": name})
    return str(answer.json()["id"])


async def _link(client: httpx.AsyncClient, job: str, **body: object) -> str:
    answer = await client.post(f"/jobs/{job}/links", json=body)
    assert answer.status_code == 201, answer.text
    return parse_qs(urlsplit(str(answer.json()["url"])).query)["link"][0]


@pytest.mark.parametrize(
    ("what", "path"),
    [
        ("page", "/j/{job}"),
        ("png", "/progress/render.png"),
        ("svg", "/progress/render.svg"),
        ("badge", "/progress/badge.svg"),
        ("log", "/api/v1/jobs/{job}/log/stdout"),
    ],
)
async def test_a_link_is_an_address_with_an_end(
    client: httpx.AsyncClient, what: str, path: str
) -> None:
    job = await _job(client)
    answer = await client.post(f"/jobs/{job}/links", json={"what": what, "expires_in_s": 3600})
    assert answer.status_code == 201
    assert answer.json()["expires"] == "2026-01-01T13:00:00Z"
    assert urlsplit(answer.json()["url"]).path == path.format(job=job)
    assert answer.json()["url"].startswith("http://headway.test/")


async def test_whoever_comes_by_a_link_sees_no_value_of_the_environment(
    client: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    body = {"kind": "report", "name": "x", "environment": {"API_TOKEN": "s3cret"}}
    job = str((await client.post("/jobs", json=body)).json()["id"])
    link = {"link": await _link(client, job)}
    shown = await stranger.get(f"/jobs/{job}", params=link)
    assert shown.json()["environment"] == {"API_TOKEN": "(covered)"}
    assert "s3cret" not in shown.text
    own = await client.get(f"/jobs/{job}")
    assert own.json()["environment"] == {"API_TOKEN": "s3cret"}


async def test_a_link_lets_anybody_read_its_job_and_no_other(
    client: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    job, other = await _job(client), await _job(client, "private")
    link = {"link": await _link(client, job)}
    assert (await stranger.get(f"/jobs/{job}", params=link)).json()["name"] == "shared"
    assert (await stranger.get("/jobs/1", params=link)).status_code == 200
    assert (await stranger.get(f"/jobs/{job}/workers?limit=5", params=link)).status_code == 200
    assert (await stranger.get(f"/jobs/{other}", params=link)).status_code == 404
    assert (await stranger.get("/jobs/2", params=link)).status_code == 404
    listed = (await stranger.get("/jobs", params=link)).json()["jobs"]
    assert [one["id"] for one in listed] == [job]
    assert (await stranger.get("/whoami", params=link)).json() == {
        "name": "",
        "scopes": ["read"],
        "job": job,
        "via": "link",
    }


async def test_a_link_changes_nothing(
    client: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    job = await _job(client)
    link = {"link": await _link(client, job)}
    for method, path, body in (
        ("POST", f"/jobs/{job}/cancel", {}),
        ("PUT", f"/jobs/{job}/status-text", {"text": "x"}),
        ("PUT", f"/jobs/{job}/workers/w", {"current": 1}),
        ("POST", f"/jobs/{job}/links", {}),
        ("POST", "/login-links", {}),
        ("POST", "/jobs", {"kind": "report"}),
    ):
        answer = await stranger.request(method, path, json=body, params=link)
        assert answer.status_code in {401, 403}, (method, path, answer.text)
    for path in ("/tokens", "/clusters", "/storage"):
        assert (await stranger.get(path, params=link)).status_code == 403


async def test_a_link_ends_when_it_says(
    client: httpx.AsyncClient, stranger: httpx.AsyncClient, clock: FakeClock
) -> None:
    job = await _job(client)
    link = {"link": await _link(client, job, expires_in_s=60)}
    clock.advance(seconds=59)
    assert (await stranger.get(f"/jobs/{job}", params=link)).status_code == 200
    clock.advance(seconds=1)
    answer = await stranger.get(f"/jobs/{job}", params=link)
    assert answer.status_code == 401
    assert "this link expired at 2026-01-01 12:01 UTC" in answer.json()["detail"]


async def test_a_link_that_was_changed_is_none(
    client: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    job, other = await _job(client), await _job(client)
    link = await _link(client, job, what="badge")
    what, job_id, end, signature = link.split(".")
    for changed in (
        f"page.{job_id}.{end}.{signature}",
        f"{what}.{other}.{end}.{signature}",
        f"{what}.{job_id}.{int(end) + 1}.{signature}",
        f"{what}.{job_id}.{end}.{FakeSeal().sign('link')}",
        link[:-1],
        "x",
        "",
        "é",
        "page.." + "9" * 20,
    ):
        answer = await stranger.get(f"/jobs/{job}", params={"link": changed})
        assert answer.status_code == 401, changed
    assert (await stranger.get(f"/jobs/{job}?link={link}&link={link}")).status_code == 401


async def test_a_links_end_beyond_the_calendar_is_no_link(
    stranger: httpx.AsyncClient, client: httpx.AsyncClient
) -> None:
    job = await _job(client)
    signed = f"page.{job}.999999999999"
    value = f"{signed}.{FakeSeal().sign(f'link {signed}')}"
    assert (await stranger.get(f"/jobs/{job}", params={"link": value})).status_code == 401


async def test_a_link_to_a_picture_opens_no_page(
    client: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    job = await _job(client)
    for what in ("png", "svg", "badge", "log"):
        link = {"link": await _link(client, job, what=what)}
        answer = await stranger.get(f"/jobs/{job}", params=link)
        assert answer.status_code == 401
        assert what in answer.json()["detail"]


async def test_a_link_to_a_log_comes_with_the_address_of_each_of_its_streams(
    client: httpx.AsyncClient,
    stranger: httpx.AsyncClient,
    executor: FakeExecutor,
    dispatched: Callable[[str], Awaitable[Tag]],
) -> None:
    job = str((await client.post("/jobs", json={"command": ["true"]})).json()["id"])
    tag = await dispatched(job)
    made = (await client.post(f"/jobs/{job}/links", json={"what": "log"})).json()
    for key, stream in (("url", Stream.STDOUT), ("stderr_url", Stream.STDERR)):
        assert urlsplit(made[key]).path == f"/api/v1/jobs/{job}/log/{stream}"
        executor.logs[tag, stream] = stream.encode()
        assert (await stranger.get(made[key])).text == stream
        assert (await stranger.get(made[key].partition("?")[0])).status_code == 401


async def test_only_a_log_with_a_second_stream_has_a_second_address(
    client: httpx.AsyncClient,
) -> None:
    ours = str((await client.post("/jobs", json={"command": ["true"]})).json()["id"])
    for job, what in ((ours, "page"), (ours, "badge"), (await _job(client), "log")):
        answer = await client.post(f"/jobs/{job}/links", json={"what": what})
        assert "stderr_url" not in answer.json(), what


async def test_somebody_who_is_known_needs_no_good_link(client: httpx.AsyncClient) -> None:
    job = await _job(client)
    assert (await client.get(f"/jobs/{job}", params={"link": "old"})).status_code == 200


async def test_a_token_counts_before_a_link(
    client: httpx.AsyncClient, stranger: httpx.AsyncClient, new_token: NewToken
) -> None:
    job = await _job(client)
    link = {"link": await _link(client, job)}
    bearer = {"authorization": f"Bearer {await new_token('bob', Scope.READ)}"}
    assert (await stranger.get(f"/jobs/{job}", params=link, headers=bearer)).status_code == 404


async def test_only_who_may_read_a_job_makes_links_to_it(
    client: httpx.AsyncClient, stranger: httpx.AsyncClient, new_token: NewToken, core: Core
) -> None:
    job = await _job(client)
    assert (await stranger.post(f"/jobs/{job}/links", json={})).status_code == 401
    bob = {"authorization": f"Bearer {await new_token('bob', Scope.READ)}"}
    assert (await stranger.post(f"/jobs/{job}/links", json={}, headers=bob)).status_code == 404
    found = await core.store.job_by_number(1)
    own = {"authorization": f"Bearer {report_token(core, found)}"}
    assert (await stranger.post(f"/jobs/{job}/links", json={}, headers=own)).status_code == 403


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"what": "everything"}, "what"),
        ({"expires_in_s": 59}, "expires_in_s"),
        ({"expires_in_s": 1e9}, "expires_in_s"),
        ({"expires": 60}, "expires"),
    ],
)
async def test_a_link_that_makes_no_sense_is_refused(
    client: httpx.AsyncClient, body: dict[str, object], field: str
) -> None:
    job = await _job(client)
    answer = await client.post(f"/jobs/{job}/links", json=body)
    assert (answer.status_code, answer.json()["field"]) == (400, field)
