"""Taking a port, and saying who has it when somebody else does."""

import contextlib
import errno
import re
import socket
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from headway.core.errors import Conflict, InvalidRequest

_BACKLOG: Final = 2048
_LAST_PORT: Final = 65535
_LISTENING: Final = "0A"
_PROC_FIELDS: Final = 10
_SOCKET: Final = re.compile(r"socket:\[([0-9]+)\]")


def listen(host: str, port: int) -> list[socket.socket]:
    """Listen on every address of a host name, all with one port; port 0 takes a free one.

    Raises:
        Conflict: somebody else has the port; the message says who, where that can be found out.
        InvalidRequest: the name or port cannot be used.
    """
    if not 0 <= port <= _LAST_PORT:
        raise InvalidRequest(f"port must be from 0 to {_LAST_PORT}, not {port}", field="port")
    addresses = _addresses(host)
    sockets: list[socket.socket] = []
    try:
        for family, address in addresses:
            sock = socket.socket(family, socket.SOCK_STREAM)
            sockets.append(sock)
            wanted = port or (sockets[0].getsockname()[1] if len(sockets) > 1 else 0)
            try:
                _bind(sock, address, wanted, is_only=len(addresses) == 1)
            except OSError as error:
                _explain(error, host, address, wanted, is_first=len(sockets) == 1)
                sockets.pop().close()
    except BaseException:
        for sock in sockets:
            sock.close()
        raise
    return sockets


@contextlib.contextmanager
def reserved_port(host: str) -> Iterator[int]:
    """Take a free port; until the end nobody is given it by chance, and whoever is told of it can ``listen`` there.

    Raises:
        InvalidRequest: the host has no such address.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as held:
        # With this a port that is bound and not listened on can be bound again, by those who name it.
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            held.bind((host, 0))
        except (OSError, UnicodeError) as error:
            raise InvalidRequest(f"cannot listen on {host}: {error}", field="host") from None
        yield held.getsockname()[1]


def holder_of(port: int, *, proc: Path = Path("/proc")) -> str:
    """Name the process that listens on a port, as far as this user may see: ``process 42 (nginx)`` or words for unknown."""
    inodes = set(_listening_inodes(port, proc))
    for directory in proc.glob("[0-9]*"):
        if not inodes.isdisjoint(_socket_inodes(directory)):
            return f"process {directory.name} ({_name_of(directory)})"
    return "a process of another user" if inodes else "another program"


def _addresses(host: str) -> Sequence[tuple[socket.AddressFamily, str]]:
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (socket.gaierror, UnicodeError) as error:
        raise InvalidRequest(f"no address is called {host!r}: {error}", field="host") from None
    return list(dict.fromkeys((family, str(name[0])) for family, _, _, _, name in found))


def _bind(sock: socket.socket, address: str, port: int, *, is_only: bool) -> None:
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if sock.family == socket.AF_INET6:
        both = is_only and address == "::"
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0 if both else 1)
    sock.bind((address, port))
    sock.listen(_BACKLOG)
    sock.settimeout(0)


def _explain(error: OSError, host: str, address: str, port: int, *, is_first: bool) -> None:
    """Raise what the error means; return when the address can be done without (a host name's second one)."""
    if error.errno == errno.EADDRINUSE:
        raise Conflict(
            f"port {port} of {address} is taken by {holder_of(port)}; "
            "stop that, or choose another port with --port (0 takes a free one)"
        ) from None
    if error.errno == errno.EACCES:
        raise InvalidRequest(
            f"this user may not listen on port {port}; choose one from 1024", field="port"
        ) from None
    if error.errno in {errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT} and not is_first:
        return
    raise InvalidRequest(f"cannot listen on {host}: {error.strerror}", field="host") from None


def _socket_inodes(process: Path) -> Iterator[str]:
    """Give the inodes of a process's sockets; files that are closed meanwhile and others' processes have none."""
    with contextlib.suppress(OSError):
        for link in (process / "fd").iterdir():
            with contextlib.suppress(OSError):
                found = _SOCKET.fullmatch(str(link.readlink()))
                if found:
                    yield found[1]


def _name_of(process: Path) -> str:
    with contextlib.suppress(OSError):
        return (process / "comm").read_text("utf-8", "replace").strip()
    return "ended"


def _listening_inodes(port: int, proc: Path) -> Iterator[str]:
    for name in ("tcp", "tcp6"):
        try:
            lines = (proc / "net" / name).read_text("ascii").splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            words = line.split()
            is_listening = len(words) >= _PROC_FIELDS and words[3] == _LISTENING
            if is_listening and int(words[1].rpartition(":")[2], 16) == port:
                yield words[9]
