"""``may`` in a job's document: exactly what whoever asks would not be refused."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from tests.protocols.rest.conftest import NewToken

from headway.core.model.principal import Scope
from headway.core.policy.rights import Right

pytestmark = pytest.mark.anyio

_ASKED: Final[Mapping[Right, tuple[str, str, object]]] = {
    Right.CANCEL: ("POST", "cancel", {}),
    Right.RETRY: ("POST", "retry", {}),
    Right.CLONE: ("POST", "clone", {}),
    Right.LABEL: ("PATCH", "labels", {"add": ["seen"]}),
    Right.HIDE: ("POST", "hide", {}),
    Right.REPORT: ("PUT", "status-text", {"text": "half way"}),
    Right.SHARE: ("POST", "links", {}),
}
_REFUSED: Final = {401, 403, 404}

_RUN: Final = {"command": ["true"]}
_REPORT: Final = {"kind": "report"}


async def _new(client: httpx.AsyncClient, body: object) -> dict[str, object]:
    answer = await client.post("/jobs", json=body)
    assert answer.status_code == 201, answer.text
    made: dict[str, object] = answer.json()
    return made


async def _holds(client: httpx.AsyncClient, job: object, params: Mapping[str, str] = {}) -> None:
    """Ask for everything, and compare with what the document said before."""
    shown = (await client.get(f"/jobs/{job}", params=params)).json()
    for right in Right:
        if right is Right.RETRY and shown["kind"] == "report":
            assert right not in shown["may"], "nothing could run it again"
            continue
        method, path, body = _ASKED[right]
        answer = await client.request(method, f"/jobs/{job}/{path}", json=body, params=params)
        is_refused = answer.status_code in _REFUSED
        assert (right in shown["may"]) != is_refused, (right, answer.status_code, shown["may"])


@pytest.mark.parametrize("body", [_RUN, _REPORT])
@pytest.mark.parametrize(
    ("user", "scopes"),
    [
        ("alice", [Scope.READ]),
        ("alice", [Scope.READ, Scope.REPORT]),
        ("alice", [Scope.RUN]),
        ("root", [Scope.ADMIN]),
    ],
)
async def test_a_token_may_what_its_scopes_say(
    client: httpx.AsyncClient,
    stranger: httpx.AsyncClient,
    new_token: NewToken,
    body: object,
    user: str,
    scopes: list[Scope],
) -> None:
    job = await _new(client, body)
    stranger.headers["authorization"] = f"Bearer {await new_token(user, *scopes)}"
    await _holds(stranger, job["id"])


@pytest.mark.parametrize("body", [_RUN, _REPORT])
async def test_whoever_comes_by_a_link_may_look_and_nothing_else(
    client: httpx.AsyncClient, stranger: httpx.AsyncClient, body: object
) -> None:
    job = await _new(client, body)
    url = (await client.post(f"/jobs/{job['id']}/links", json={})).json()["url"]
    link = {"link": parse_qs(urlsplit(url).query)["link"][0]}
    assert (await stranger.get(f"/jobs/{job['id']}", params=link)).json()["may"] == []
    await _holds(stranger, job["id"], link)


async def test_a_jobs_own_token_reports_and_ends_it(
    client: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    job = await _new(client, _REPORT)
    assert job["may"] == ["cancel", "clone", "label", "hide", "report", "share"]
    stranger.headers["authorization"] = f"Bearer {job['report_token']}"
    shown = (await stranger.get(f"/jobs/{job['id']}")).json()
    assert shown["may"] == ["cancel", "report"]
    await _holds(stranger, job["id"])


async def test_the_own_user_may_everything(client: httpx.AsyncClient) -> None:
    job = await _new(client, _RUN)
    assert job["may"] == list(Right)
    await _holds(client, job["id"])
