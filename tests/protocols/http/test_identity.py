"""Who is asking."""

import base64
from datetime import timedelta
from ipaddress import ip_network

import pytest

from headway.core.core import Core
from headway.core.errors import Unauthenticated
from headway.core.model.change import Change
from headway.core.model.link import Shown
from headway.core.model.principal import SYSTEM, Scope
from headway.core.operations.links import make_link
from headway.core.operations.tokens import CreatedToken, create_token, revoke_token
from headway.lib.asgi import Scope as AsgiScope
from headway.protocols.http.connection import CONNECTION
from headway.protocols.http.identity import (
    IdentitySettings,
    client_address,
    identify,
    identify_open,
    watch_over,
)
from headway.testing.fakes import FakeClock
from headway.testing.samples import a_job

pytestmark = pytest.mark.anyio


class Peer:
    """A connection whose other end is, or is not, the own user's."""

    def __init__(self, *, is_own_user: bool) -> None:
        self.is_own_user = is_own_user

    def abort(self) -> None:
        """Nothing is to be dropped here."""


def asked(*, own: bool = False, client: str = "127.0.0.1", **headers: str | list[str]) -> AsgiScope:
    pairs = [
        (name.replace("_", "-").encode(), value.encode())
        for name, given in headers.items()
        for value in ([given] if isinstance(given, str) else given)
    ]
    state = {CONNECTION: Peer(is_own_user=own)}
    return {"type": "http", "headers": pairs, "client": (client, 1), "state": state}


@pytest.fixture
def settings() -> IdentitySettings:
    return IdentitySettings(own_user="me", open_progress=(ip_network("10.0.0.0/8"),))


@pytest.fixture
async def token(core: Core) -> CreatedToken:
    return await create_token(core, actor=SYSTEM, user="bob", scopes=frozenset({Scope.RUN}))


async def test_the_own_users_socket_is_the_own_user(core: Core, settings: IdentitySettings) -> None:
    actor = await identify(asked(own=True), core, settings)
    assert (actor.name, actor.scopes, actor.via) == ("me", frozenset(Scope), "own-user")


@pytest.mark.parametrize(
    "header", ["forwarded", "x_forwarded_for", "x_forwarded_proto", "via", "x_real_ip"]
)
async def test_what_came_by_a_proxy_is_not_the_own_user(
    core: Core, settings: IdentitySettings, header: str
) -> None:
    scope = asked(own=True, **{header: "anything"})
    with pytest.raises(Unauthenticated):
        await identify(scope, core, settings)
    with pytest.raises(Unauthenticated):
        await identify_open(scope, core, settings)


async def test_behind_a_proxy_nobody_is_the_own_user(core: Core) -> None:
    settings = IdentitySettings(own_user="me", behind_proxy=True)
    with pytest.raises(Unauthenticated):
        await identify(asked(own=True), core, settings)


async def test_another_servers_connection_is_nobody(core: Core, settings: IdentitySettings) -> None:
    with pytest.raises(Unauthenticated, match="headway token new"):
        await identify({**asked(), "state": {}}, core, settings)


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
async def test_a_token_is_its_user(
    core: Core, settings: IdentitySettings, token: CreatedToken, scheme: str
) -> None:
    scope = asked(own=True, authorization=f"{scheme} {token.secret}")
    actor = await identify(scope, core, settings)
    assert (actor.name, actor.via) == ("bob", "token")


async def test_a_token_may_be_a_password(
    core: Core, settings: IdentitySettings, token: CreatedToken
) -> None:
    word = base64.b64encode(f"anyone:{token.secret}".encode()).decode()
    assert (await identify(asked(authorization=f"Basic {word}"), core, settings)).name == "bob"


@pytest.mark.parametrize(
    "given",
    [
        "Bearer wrong",
        "Bearer",
        "Bearer ",
        "Basic !!",
        "Basic YTo=",
        "Negotiate abc",
        ["a", "b"],
        "",
    ],
)
async def test_a_bad_token_is_nobody_even_from_the_own_user(
    core: Core, settings: IdentitySettings, given: str | list[str]
) -> None:
    with pytest.raises(Unauthenticated):
        await identify(asked(own=True, authorization=given), core, settings)


async def test_a_revoked_token_ends_at_once(
    core: Core, settings: IdentitySettings, token: CreatedToken
) -> None:
    scope = asked(authorization=f"Bearer {token.secret}")
    await identify(scope, core, settings)
    await revoke_token(core, actor=SYSTEM, token_id=token.token.id)
    with pytest.raises(Unauthenticated, match="revoked"):
        await identify(scope, core, settings)


async def test_an_expired_token_ends_within_seconds(
    core: Core, settings: IdentitySettings, clock: FakeClock
) -> None:
    expires = clock.now().replace(minute=clock.now().minute + 1)
    made = await create_token(
        core, actor=SYSTEM, user="bob", scopes=frozenset({Scope.READ}), expires=expires
    )
    scope = asked(authorization=f"Bearer {made.secret}")
    await identify(scope, core, settings)
    clock.advance(seconds=65)
    with pytest.raises(Unauthenticated, match="expired"):
        await identify(scope, core, settings)


@pytest.mark.parametrize("client", ["127.0.0.1", "::1", "::ffff:127.0.0.1", "10.1.2.3"])
async def test_progress_is_open_to_this_machine_and_open_networks(
    core: Core, settings: IdentitySettings, client: str
) -> None:
    actor = await identify_open(asked(client=client), core, settings)
    assert (actor.name, actor.via) == ("", "open-network")
    with pytest.raises(Unauthenticated):
        await identify(asked(client=client), core, settings)


@pytest.mark.parametrize("client", ["192.0.2.1", "2001:db8::1", "not an address"])
async def test_progress_is_not_open_to_others(
    core: Core, settings: IdentitySettings, client: str
) -> None:
    with pytest.raises(Unauthenticated, match="--open-progress"):
        await identify_open(asked(client=client), core, settings)


async def test_behind_a_proxy_the_last_forwarder_counts(core: Core) -> None:
    settings = IdentitySettings(
        own_user="me", behind_proxy=True, open_progress=(ip_network("10.0.0.0/8"),)
    )
    actor = await identify_open(asked(x_forwarded_for="1.2.3.4, 10.0.0.1"), core, settings)
    assert actor.via == "open-network"
    for forged in ("10.0.0.1, 1.2.3.4", "127.0.0.1", ""):
        with pytest.raises(Unauthenticated):
            await identify_open(asked(x_forwarded_for=forged), core, settings)


def test_an_address_of_a_proxy_says_nothing_of_its_client() -> None:
    assert client_address(asked(via="1.1 proxy"), behind_proxy=False) is None
    assert client_address({**asked(), "client": None}, behind_proxy=False) is None


async def test_who_came_by_a_token_is_known_no_longer_than_it_is_good(
    core: Core, settings: IdentitySettings, clock: FakeClock
) -> None:
    expires = clock.now() + timedelta(seconds=3)
    created = await create_token(
        core, actor=SYSTEM, user="bob", scopes=frozenset({Scope.READ}), expires=expires
    )
    scope = asked(own=True, authorization=f"Bearer {created.secret}")
    still_known = watch_over(scope, core, settings, await identify(scope, core, settings))
    assert still_known is not None
    assert await still_known()
    clock.advance(seconds=3)
    assert not await still_known()


async def test_who_came_by_a_link_is_not_known_again_as_somebody_else(
    core: Core, settings: IdentitySettings, clock: FakeClock
) -> None:
    job = a_job(owner="me")
    await core.store.write(Change(jobs=(job,)))
    me = await identify(asked(own=True), core, settings)
    link = await make_link(
        core, actor=me, job_id=job.id, what=Shown.PAGE, lasts=timedelta(minutes=1)
    )
    scope = {**asked(own=True), "method": "GET", "path": "/x"}
    scope["query_string"] = f"a=1&link={link.value}&b=2".encode()
    actor = await identify(scope, core, settings)
    assert (actor.via, scope["query_string"]) == ("link", b"a=1&b=2")
    still_known = watch_over(scope, core, settings, actor)
    assert still_known is not None
    assert await still_known()
    clock.advance(seconds=60)
    assert not await still_known()


async def test_the_own_user_is_not_looked_after(core: Core, settings: IdentitySettings) -> None:
    scope = asked(own=True)
    assert watch_over(scope, core, settings, await identify(scope, core, settings)) is None
