"""Signing a browser in: POST and DELETE /session, and one-time links."""

from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from tests.protocols.rest.conftest import NewToken

from headway.core.core import Core
from headway.core.errors import Unauthenticated
from headway.core.model.principal import SYSTEM, Principal, Scope
from headway.core.operations.sessions import LASTS, cookie_name, recognise, use_login_link
from headway.core.operations.tokens import create_token, report_token, revoke_token
from headway.testing.fakes import FakeClock

pytestmark = pytest.mark.anyio
OURS = {"origin": "http://headway.test"}
THEIRS = {"origin": "http://evil.test"}


async def _sign_in(client: httpx.AsyncClient, token: str) -> httpx.Response:
    answer = await client.post("/session", json={"token": token}, headers=OURS)
    assert answer.status_code == 204, answer.text
    return answer


async def test_a_token_signs_a_browser_in(stranger: httpx.AsyncClient, new_token: NewToken) -> None:
    answer = await _sign_in(stranger, await new_token("bob", Scope.RUN))
    parts = answer.headers["set-cookie"].split("; ")
    assert parts[0].startswith("headway_")
    assert parts[1:] == [
        "Path=/",
        f"Max-Age={int(LASTS.total_seconds())}",
        "HttpOnly",
        "SameSite=Strict",
    ]
    assert (await stranger.get("/whoami")).json() == {
        "name": "bob",
        "scopes": ["read", "report", "run"],
        "job": None,
        "via": "session",
    }


async def test_the_cookie_holds_no_secret(stranger: httpx.AsyncClient, new_token: NewToken) -> None:
    token = await new_token("bob", Scope.RUN)
    assert token.removeprefix("hw_") not in (await _sign_in(stranger, token)).headers["set-cookie"]


async def test_over_https_the_cookie_is_for_https_alone(
    app: httpx.ASGITransport, new_token: NewToken
) -> None:
    transport = httpx.ASGITransport(app)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="https://x.test/api/v1") as client:
        body = {"token": await new_token("bob", Scope.RUN)}
        answer = await client.post("/session", json=body)
    assert answer.headers["set-cookie"].endswith("; Secure")


async def test_of_those_who_sign_in_nothing_long_is_read(stranger: httpx.AsyncClient) -> None:
    answer = await stranger.post("/session", json={"token": "x" * 5000}, headers=OURS)
    assert (answer.status_code, answer.json()["code"]) == (413, "too-large")


async def test_a_token_that_is_none_signs_nobody_in(
    stranger: httpx.AsyncClient, client: httpx.AsyncClient, core: Core
) -> None:
    answer = await stranger.post("/session", json={"token": "hw_no"})
    assert answer.status_code == 401
    assert "set-cookie" not in answer.headers
    await client.post("/jobs", json={"kind": "report"})
    own = report_token(core, await core.store.job_by_number(1))
    assert (await stranger.post("/session", json={"token": own})).status_code == 403


async def test_a_session_ends_with_its_token(
    stranger: httpx.AsyncClient, core: Core, clock: FakeClock
) -> None:
    created = await create_token(core, actor=SYSTEM, user="bob", scopes=frozenset({Scope.READ}))
    await _sign_in(stranger, created.secret)
    assert (await stranger.get("/jobs")).status_code == 200
    await revoke_token(core, actor=SYSTEM, token_id=created.token.id)
    answer = await stranger.get("/jobs")
    assert (answer.status_code, answer.json()["detail"]) == (401, "this token was revoked")


async def test_a_session_ends_by_itself(
    stranger: httpx.AsyncClient, new_token: NewToken, clock: FakeClock
) -> None:
    await _sign_in(stranger, await new_token("bob", Scope.READ))
    clock.advance(seconds=LASTS.total_seconds() - 1)
    assert (await stranger.get("/jobs")).status_code == 200
    clock.advance(seconds=1)
    assert (await stranger.get("/jobs")).status_code == 401


async def test_a_session_lasts_no_longer_than_its_token(
    stranger: httpx.AsyncClient, core: Core, clock: FakeClock
) -> None:
    expires = clock.now().replace(hour=13)
    created = await create_token(
        core, actor=SYSTEM, user="bob", scopes=frozenset({Scope.READ}), expires=expires
    )
    answer = await _sign_in(stranger, created.secret)
    assert "Max-Age=3600" in answer.headers["set-cookie"]


async def test_signing_out_takes_the_cookie_away(
    stranger: httpx.AsyncClient, new_token: NewToken
) -> None:
    token = await new_token("bob", Scope.READ)
    await _sign_in(stranger, token)
    answer = await stranger.delete("/session", headers=OURS)
    assert (answer.status_code, "Max-Age=0" in answer.headers["set-cookie"]) == (204, True)
    assert (await stranger.get("/jobs")).status_code == 401
    bearer = {"authorization": f"Bearer {token}"}
    assert (await stranger.get("/jobs", headers=bearer)).status_code == 200
    assert (await stranger.delete("/session", headers=OURS)).status_code == 204


async def test_a_cookie_that_was_changed_is_none(
    stranger: httpx.AsyncClient, new_token: NewToken, core: Core
) -> None:
    await _sign_in(stranger, await new_token("bob", Scope.READ))
    name = cookie_name(core)
    value = stranger.cookies[name]
    token, kind, end, signature = value.split(".")
    stranger.cookies.clear()
    for changed in (
        f"{token}.o.{end}.{signature}",
        f"{token}.{kind}.{int(end) + 1}.{signature}",
        f"{token[:-1]}0.{kind}.{end}.{signature}",
        value[:-1],
        "",
        "x" * 5000,
    ):
        answer = await stranger.get("/jobs", headers={"cookie": f"{name}={changed}"})
        assert answer.status_code == 401, changed


async def test_an_old_cookie_keeps_nobody_out_who_is_known_without_it(
    client: httpx.AsyncClient, core: Core
) -> None:
    answer = await client.get("/whoami", headers={"cookie": f"{cookie_name(core)}=old"})
    assert answer.json()["via"] == "own-user"


@pytest.mark.parametrize(
    "headers", [THEIRS, {"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}]
)
async def test_for_another_sites_page_a_cookie_counts_for_nothing(
    stranger: httpx.AsyncClient, new_token: NewToken, headers: dict[str, str]
) -> None:
    await _sign_in(stranger, await new_token("bob", Scope.RUN))
    assert (await stranger.get("/jobs", headers=headers)).status_code == 401
    answer = await stranger.post("/jobs", json={"kind": "report"}, headers=headers)
    assert answer.status_code == 401


async def test_a_cookie_alone_changes_nothing(
    stranger: httpx.AsyncClient, new_token: NewToken
) -> None:
    await _sign_in(stranger, await new_token("bob", Scope.RUN))
    assert (await stranger.post("/jobs", json={"kind": "report"})).status_code == 401
    answer = await stranger.post("/jobs", json={"kind": "report"}, headers=OURS)
    assert answer.status_code == 201
    same = {"sec-fetch-site": "same-origin"}
    assert (await stranger.post("/jobs/1/cancel", headers=same)).status_code == 202


async def test_a_token_counts_before_a_cookie(
    stranger: httpx.AsyncClient, new_token: NewToken
) -> None:
    await _sign_in(stranger, await new_token("bob", Scope.READ))
    bearer = {"authorization": f"Bearer {await new_token('eve', Scope.READ)}"}
    assert (await stranger.get("/whoami", headers=bearer)).json()["name"] == "eve"


async def test_a_one_time_link_is_used_once(client: httpx.AsyncClient, core: Core) -> None:
    answer = await client.post("/login-links", json={"to": "/admin"})
    assert (answer.status_code, answer.json()["expires"]) == (201, "2026-01-01T12:01:00Z")
    url = urlsplit(answer.json()["url"])
    assert url.path == "/login"
    once = parse_qs(url.query)["once"][0]
    session, link = await use_login_link(core, once=once)
    assert link.to == "/admin"
    assert (await recognise(core, value=session.value)).name == "alice"
    with pytest.raises(Unauthenticated, match="was used already"):
        await use_login_link(core, once=once)


async def test_a_one_time_link_lasts_a_minute(
    client: httpx.AsyncClient, core: Core, clock: FakeClock
) -> None:
    answer = await client.post("/login-links", json={})
    clock.advance(seconds=60)
    with pytest.raises(Unauthenticated):
        await use_login_link(core, once=answer.json()["url"].partition("once=")[2])


async def test_the_own_users_session_has_a_token_that_ends_with_it(
    client: httpx.AsyncClient, stranger: httpx.AsyncClient, core: Core
) -> None:
    answer = await client.post("/login-links", json={})
    session, _ = await use_login_link(core, once=answer.json()["url"].partition("once=")[2])
    (token,) = await core.store.tokens()
    assert (token.user, token.note) == ("alice", "a browser, signed in by a one-time link")
    stranger.cookies.set(cookie_name(core), session.value)
    assert (await stranger.get("/whoami")).json()["scopes"] == ["read", "report", "run", "admin"]
    await stranger.delete("/session", headers=OURS)
    (token,) = await core.store.tokens()
    assert token.revoked is not None


async def test_a_link_of_a_token_that_was_revoked_is_good_for_nothing(
    stranger: httpx.AsyncClient, core: Core
) -> None:
    created = await create_token(core, actor=SYSTEM, user="bob", scopes=frozenset({Scope.READ}))
    bearer = {"authorization": f"Bearer {created.secret}"}
    answer = await stranger.post("/login-links", json={}, headers=bearer)
    await revoke_token(core, actor=SYSTEM, token_id=created.token.id)
    with pytest.raises(Unauthenticated, match="revoked"):
        await use_login_link(core, once=answer.json()["url"].partition("once=")[2])


@pytest.mark.parametrize(
    "to", ["//evil.test", "https://evil.test", "/\\evil", "/a\nb", "j/1", "/é"]
)
async def test_a_one_time_link_leads_nowhere_else(client: httpx.AsyncClient, to: str) -> None:
    answer = await client.post("/login-links", json={"to": to})
    assert (answer.status_code, answer.json()["field"]) == (400, "to")


async def test_nobody_in_particular_makes_no_link(stranger: httpx.AsyncClient) -> None:
    assert (await stranger.post("/login-links", json={})).status_code == 401


async def test_two_servers_on_one_host_have_cookies_of_their_own(core: Core) -> None:
    class OtherSeal:
        def sign(self, text: str) -> str:
            return text[::-1] * 4

        def matches(self, text: str, signature: str) -> bool:
            return signature == self.sign(text)

    other = Core(store=core.store, executors={}, clock=core.clock, ids=core.ids, seal=OtherSeal())
    assert cookie_name(core) != cookie_name(other)
    assert Principal(name="x", scopes=frozenset()).token is None
