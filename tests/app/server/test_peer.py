"""Whose socket is at the other end."""

import asyncio
import os
import socket
import sys
from collections.abc import Awaitable, Callable, Iterator
from ipaddress import ip_address
from pathlib import Path

import msgspec
import pytest

from headway.app.connection_peer import Endpoint, PeerOwners, endpoint, read_owner
from headway.lib.asgi import ASGIApp

pytestmark = pytest.mark.anyio

Start = Callable[..., Awaitable[int]]

NOBODY = 65534
#: Asks for / and prints the body; argv: address, port, user.
CLIENT = """
import encodings.idna, os, socket, sys  # all of it, while it can be read
os.setuid(int(sys.argv[3]))
sock = socket.create_connection((sys.argv[1], int(sys.argv[2])))
sock.sendall(b"GET / HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n\\r\\n")
print(sock.makefile("rb").read().partition(b"\\r\\n\\r\\n")[2].decode())
"""

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root: only root can be another user")


async def told(address: str, port: int, *, uid: int | None = None) -> bool:
    user = os.geteuid() if uid is None else uid
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-I", "-c", CLIENT, address, str(port), str(user)),
        stdout=asyncio.subprocess.PIPE,
    )
    answer, _ = await process.communicate()
    own: bool = msgspec.json.decode(answer)["own"]
    return own


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("127.0.0.1", "::ffff:127.0.0.1"),
        ("::1", "::1"),
        ("::", "127.0.0.1"),
        ("::", "::1"),
    ],
)
async def test_the_own_user_is_recognised(
    start: Start, mirror: ASGIApp, host: str, address: str
) -> None:
    assert await told(address, await start(mirror, host=host))


@as_root
@pytest.mark.parametrize(("host", "address"), [("127.0.0.1", "127.0.0.1"), ("::1", "::1")])
async def test_another_user_of_this_machine_is_not(
    start: Start, mirror: ASGIApp, host: str, address: str
) -> None:
    assert not await told(address, await start(mirror, host=host), uid=NOBODY)


@pytest.fixture(params=["127.0.0.1", "::1"])
def pair(request: pytest.FixtureRequest) -> Iterator[tuple[socket.socket, socket.socket]]:
    """A connection: the client's end and the server's."""
    family = socket.AF_INET6 if ":" in request.param else socket.AF_INET
    with (
        socket.create_server((request.param, 0), family=family) as listener,
        socket.create_connection(listener.getsockname()[:2]) as client,
        listener.accept()[0] as server,
    ):
        yield client, server


@pytest.fixture
def owners() -> Iterator[PeerOwners]:
    asked = PeerOwners()
    yield asked
    asked.close()


def ends(server: socket.socket) -> tuple[Endpoint, Endpoint]:
    peer, here = endpoint(server.getpeername()), endpoint(server.getsockname())
    assert peer is not None
    assert here is not None
    return peer, here


def test_the_kernel_and_proc_tell_the_same_owner(
    owners: PeerOwners, pair: tuple[socket.socket, socket.socket]
) -> None:
    client, server = pair
    asked = owners.owner(*ends(server))
    assert asked is not None
    assert asked == read_owner(*ends(server))
    assert asked == (os.geteuid(), os.fstat(client.fileno()).st_ino)


def test_a_socket_that_was_closed_is_nobodys(
    owners: PeerOwners, pair: tuple[socket.socket, socket.socket]
) -> None:
    client, server = pair
    peer, here = ends(server)
    client.close()
    assert owners.owner(peer, here) is None
    assert read_owner(peer, here) is None


def test_a_socket_that_only_says_no_more_is_still_its_users(
    owners: PeerOwners,
    pair: tuple[socket.socket, socket.socket],
) -> None:
    client, server = pair
    client.shutdown(socket.SHUT_WR)
    asked = owners.owner(*ends(server))
    assert asked is not None
    assert asked.uid == os.geteuid()


def test_a_listener_on_the_peers_port_is_not_the_peer(owners: PeerOwners) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        peer = Endpoint(ip_address("127.0.0.1"), listener.getsockname()[1])
        assert owners.owner(peer, Endpoint(ip_address("127.0.0.1"), 1)) is None


def test_a_mapped_address_is_the_ipv4_one() -> None:
    assert endpoint(("::ffff:127.0.0.1", 80, 0, 0)) == (ip_address("127.0.0.1"), 80)
    assert endpoint("/run/socket") is None


def test_without_proc_nobody_is_known(tmp_path: Path) -> None:
    here = Endpoint(ip_address("127.0.0.1"), 1)
    assert read_owner(here, here, proc=tmp_path) is None
