"""How many connections one may have, so that all can have some."""

import asyncio
from collections.abc import Awaitable, Callable
from ipaddress import ip_address
from typing import Any

import pytest
from typing_extensions import override

from headway.app.connection_crowd import Crowd
from headway.app.connection_limits import Limits
from headway.app.connection_peer import Address, Peer, PeerOwners
from headway.lib.asgi import ASGIApp

pytestmark = pytest.mark.anyio

Start = Callable[..., Awaitable[int]]
Raw = Callable[[int, bytes], Awaitable[bytes]]
Parse = Callable[[bytes], Any]

OWN = 1000
FULL = "too many connections; try again soon"


class KnownPeer(Peer):
    """A peer of whom is known what the kernel would tell."""

    def __init__(self, uid: int | None, address: str = "127.0.0.1") -> None:
        super().__init__(asyncio.Transport(), owners=PeerOwners(), own_uid=OWN)
        self._told = uid, ip_address(address)

    @property
    @override
    def uid(self) -> int | None:
        return self._told[0]

    @property
    @override
    def address(self) -> Address | None:
        return self._told[1]


async def test_one_local_user_cannot_take_all_connections() -> None:
    crowd = Crowd(most=10, each=3, kept=2)
    refused = [crowd.enter(KnownPeer(7)) for _ in range(4)]
    assert refused[:3] == [None, None, None]
    assert (
        refused[3]
        == "user 7 of this machine has 3 connections, and one may have no more; close some"
    )
    assert crowd.enter(KnownPeer(8)) is None


async def test_many_local_users_leave_room_for_the_servers_own() -> None:
    crowd = Crowd(most=10, each=3, kept=2)
    refused = [crowd.enter(KnownPeer(uid)) for uid in range(9)]
    assert refused == [None] * 8 + [FULL]
    assert [crowd.enter(KnownPeer(OWN)) for _ in range(3)] == [None, None, FULL]


async def test_the_servers_own_user_may_have_all() -> None:
    crowd = Crowd(most=10, each=3, kept=2)
    assert [crowd.enter(KnownPeer(OWN)) for _ in range(11)] == [None] * 10 + [FULL]


async def test_other_hosts_are_told_apart_by_their_address_and_ipv6_by_its_first_half() -> None:
    crowd = Crowd(most=100, each=1, kept=0)
    assert crowd.enter(KnownPeer(None, "192.0.2.1")) is None
    assert crowd.enter(KnownPeer(None, "192.0.2.2")) is None
    assert crowd.enter(KnownPeer(None, "2001:db8::1")) is None
    assert "2001:db8::/64" in (crowd.enter(KnownPeer(None, "2001:db8::2")) or "")


async def test_a_connection_that_ends_makes_room() -> None:
    crowd = Crowd(most=10, each=1, kept=0)
    first, second = KnownPeer(7), KnownPeer(7)
    crowd.enter(first)
    assert crowd.enter(second) is not None
    crowd.leave(second)
    crowd.leave(first)
    assert crowd.enter(KnownPeer(7)) is None


async def test_connections_that_came_while_there_were_few_count_too() -> None:
    crowd = Crowd(most=100, each=8, kept=2)
    peers = [KnownPeer(7) for _ in range(9)]
    assert [crowd.enter(peer) is None for peer in peers] == [True] * 8 + [False]
    crowd.leave(peers[0])
    assert crowd.enter(peers[8]) is None


async def test_a_stranger_is_told_that_they_have_too_many(
    start: Start, raw: Raw, parse: Parse, mirror: ASGIApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1)  # the server takes its tests for another user
    port = await start(mirror, limits=Limits(connections_each=2, grace_s=1.0))
    held = [await asyncio.open_connection("127.0.0.1", port) for _ in range(2)]
    reply = parse(await raw(port, b""))
    assert (reply.status, reply.headers["retry-after"]) == (503, "1")
    assert b"has 2 connections" in reply.body
    for _, writer in held:
        writer.close()
