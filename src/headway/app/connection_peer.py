"""Whose socket is at the other end of a loopback connection: asked of the kernel.

Sources: sock_diag(7); Linux include/uapi/linux/inet_diag.h and net/ipv4/inet_diag.c; proc_pid_net(5).
"""

import asyncio
import errno
import socket
import struct
from functools import cached_property
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path
from typing import Final, NamedTuple, TypeAlias

Address: TypeAlias = IPv4Address | IPv6Address

_SOCK_DIAG_BY_FAMILY: Final = 20
_NLM_F_REQUEST: Final = 1
_NLMSG_ERROR: Final = 2
_NETLINK_SOCK_DIAG: Final = 4
_NO_COOKIE: Final = b"\xff" * 8
_ANY_STATE: Final = 0xFFFFFFFF
#: nlmsghdr, then inet_diag_req_v2: family, protocol, ext, pad, states; its inet_diag_sockid follows.
_REQUEST: Final = struct.Struct("=LHHLL BBBBL")
_PORTS: Final = struct.Struct("!HH")
_HEADER: Final = struct.Struct("=LHHLL")
#: inet_diag_msg: family, state, timer, retrans, sockid (48 bytes), expires, rqueue, wqueue, uid, inode.
_ANSWER: Final = struct.Struct("=BBBB 48s LLLLL")
_ANSWER_BYTES: Final = 4096
#: ESTABLISHED, FIN_WAIT1, FIN_WAIT2, CLOSE_WAIT: a process may still hold the socket.
_HELD_STATES: Final = frozenset({1, 4, 5, 8})
#: Of our own end: ESTABLISHED, CLOSE_WAIT. The other end cannot be a new socket on an old port then.
_OPEN_STATES: Final = frozenset({1, 8})
_PROC_FIELDS: Final = 10
_TCP_INFO_BYTES: Final = 8


class Endpoint(NamedTuple):
    """An address and port."""

    address: Address
    port: int


class Owner(NamedTuple):
    """Who holds a socket."""

    uid: int
    inode: int


class PeerOwners:
    """Tells who holds the other end of a connection on this machine. Not for use by several threads."""

    def __init__(self) -> None:
        self._netlink: socket.socket | None = None
        self._has_netlink = True

    def owner(self, peer: Endpoint, here: Endpoint) -> Owner | None:
        """Tell who holds the socket at ``peer`` that is connected to ``here``; None when nobody (any more).

        Costs some 10 µs. Where netlink is not to be had (gVisor, some seccomp filters), /proc/net is read instead.
        """
        if self._has_netlink:
            try:
                return self._ask(peer, here)
            except OSError:
                self._has_netlink = False
                self.close()
        return read_owner(peer, here)

    def close(self) -> None:
        """Let go of the netlink socket."""
        if self._netlink is not None:
            self._netlink.close()
            self._netlink = None

    def _ask(self, peer: Endpoint, here: Endpoint) -> Owner | None:
        if self._netlink is None:
            self._netlink = socket.socket(
                socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, _NETLINK_SOCK_DIAG
            )
            self._netlink.settimeout(0.5)  # the kernel answers within send(); never wait for ever
        self._netlink.send(_question(peer, here))
        return _understood(self._netlink.recv(_ANSWER_BYTES), peer, here)


class Peer:
    """The other end of a connection (a headway.protocols.http.connection.Connection)."""

    def __init__(self, transport: asyncio.Transport, *, owners: PeerOwners, own_uid: int) -> None:
        self._transport = transport
        self._owners = owners
        self._own_uid = own_uid

    @cached_property
    def uid(self) -> int | None:
        """The user whose socket it is; None when it is not on this machine's loopback, or gone."""
        sock = self._transport.get_extra_info("socket")
        if sock is None:
            return None
        try:
            peer, here = endpoint(sock.getpeername()), endpoint(sock.getsockname())
            if peer is None or here is None or not peer.address.is_loopback:
                return None
            owner = self._owners.owner(peer, here)
            # Asked after the owner: while our end stands, theirs is the one that it was accepted from.
            still = _is_open(sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _TCP_INFO_BYTES))
        except OSError:
            return None
        return owner.uid if owner is not None and still else None

    @cached_property
    def address(self) -> Address | None:
        """Where it is."""
        end = endpoint(self._transport.get_extra_info("peername"))
        return end.address if end is not None else None

    @property
    def is_own_user(self) -> bool:
        """Tell whether it belongs to the user who runs this server."""
        return self.uid == self._own_uid

    def abort(self) -> None:
        """Drop the connection at once."""
        self._transport.abort()


def endpoint(name: object) -> Endpoint | None:
    """Read what ``getpeername`` gives; v4-mapped addresses as the IPv4 that they are."""
    if not isinstance(name, tuple):
        return None
    address = ip_address(str(name[0]).partition("%")[0])
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return Endpoint(address, int(name[1]))


def _is_open(tcp_info: bytes) -> bool:
    """Tell from the beginning of TCP_INFO whether our own end of the connection still stands."""
    return tcp_info[0] in _OPEN_STATES


def read_owner(peer: Endpoint, here: Endpoint, *, proc: Path = Path("/proc/net")) -> Owner | None:
    """Tell who holds a socket, from /proc/net. An IPv4 connection may be held by a socket of IPv6."""
    wanted = [(_hex(peer), _hex(here))]
    if isinstance(peer.address, IPv4Address) and isinstance(here.address, IPv4Address):
        wanted.append((_hex(_mapped(peer)), _hex(_mapped(here))))
    for name in ("tcp", "tcp6"):
        try:
            lines = (proc / name).read_text("ascii").splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            words = line.split()
            if len(words) < _PROC_FIELDS or (words[1], words[2]) not in wanted:
                continue
            owner = Owner(uid=int(words[7]), inode=int(words[9]))
            return owner if int(words[3], 16) in _HELD_STATES and owner.inode else None
    return None


def _question(peer: Endpoint, here: Endpoint) -> bytes:
    family = socket.AF_INET if isinstance(peer.address, IPv4Address) else socket.AF_INET6
    socket_id = b"".join(
        (
            _PORTS.pack(peer.port, here.port),
            peer.address.packed.ljust(16, b"\0"),
            here.address.packed.ljust(16, b"\0"),
            b"\0\0\0\0",
            _NO_COOKIE,
        )
    )
    return (
        _REQUEST.pack(
            _REQUEST.size + len(socket_id),
            _SOCK_DIAG_BY_FAMILY,
            _NLM_F_REQUEST,
            0,
            0,
            family,
            socket.IPPROTO_TCP,
            0,
            0,
            _ANY_STATE,
        )
        + socket_id
    )


def _understood(answer: bytes, peer: Endpoint, here: Endpoint) -> Owner | None:
    """Read the kernel's answer.

    A socket that its process has closed lingers with uid 0 and inode 0: it is nobody's, least of all root's. Where the
    connection is gone the kernel answers with a listener on that port, if there is one: the ports tell.
    """
    _, kind, _, _, _ = _HEADER.unpack_from(answer)
    if kind == _NLMSG_ERROR:
        (code,) = struct.unpack_from("=i", answer, _HEADER.size)
        if -code in {errno.ENOENT, errno.ESTALE}:
            return None
        raise OSError(-code, "sock_diag")
    _, state, _, _, socket_id, _, _, _, uid, inode = _ANSWER.unpack_from(answer, _HEADER.size)
    is_it = _PORTS.unpack_from(socket_id) == (peer.port, here.port) and state in _HELD_STATES
    return Owner(uid=uid, inode=inode) if is_it and inode else None


def _mapped(end: Endpoint) -> Endpoint:
    return Endpoint(IPv6Address(b"\0" * 10 + b"\xff\xff" + end.address.packed), end.port)


def _hex(end: Endpoint) -> str:
    """Write an endpoint as /proc/net does: words of 32 bits in this machine's byte order."""
    packed = end.address.packed
    words = (packed[at : at + 4] for at in range(0, len(packed), 4))
    address = "".join(f"{struct.unpack('=L', word)[0]:08X}" for word in words)
    return f"{address}:{end.port:04X}"
