"""From names to addresses, in threads of their own: names that nobody answers for hold up only each other."""

import asyncio
import socket
import threading
from collections.abc import Awaitable, Callable, Sequence
from ipaddress import ip_address
from typing import Final, TypeAlias

from headway.callbacks.guard import Address

#: Gives the addresses of a host, best first. Raises OSError when there are none.
Resolve: TypeAlias = Callable[[str], Awaitable[Sequence[Address]]]

_KNOWN_AT_ONCE: Final = 8
_OTHERS_AT_ONCE: Final = 32
_KNOWN_KEPT: Final = 4096


class Resolver:
    """Asks the system. Names that had addresses lately do not wait for others."""

    def __init__(self) -> None:
        self._known: dict[str, None] = {}
        self._rooms = {
            True: asyncio.Semaphore(_KNOWN_AT_ONCE),
            False: asyncio.Semaphore(_OTHERS_AT_ONCE),
        }

    async def __call__(self, host: str) -> Sequence[Address]:
        """Give the addresses of a host.

        Raises:
            OSError: it has none.
        """
        loop = asyncio.get_running_loop()
        room = self._rooms[host in self._known]
        await room.acquire()
        future: asyncio.Future[Sequence[Address]] = loop.create_future()

        def answer(found: Sequence[Address] | OSError) -> None:
            room.release()
            if future.done():  # nobody waits any more
                return
            if isinstance(found, OSError):
                future.set_exception(found)
            else:
                future.set_result(found)

        def ask() -> None:
            found = _addresses(host)
            if not loop.is_closed():
                loop.call_soon_threadsafe(answer, found)

        threading.Thread(target=ask, name="headway-resolve", daemon=True).start()
        addresses = await future
        self._remember(host)
        return addresses

    def _remember(self, host: str) -> None:
        self._known[host] = None
        if len(self._known) > _KNOWN_KEPT:
            del self._known[next(iter(self._known))]


def _addresses(host: str) -> Sequence[Address] | OSError:
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError as error:
        return error
    except UnicodeError as error:  # a label that is too long
        return OSError(str(error))
    return list(dict.fromkeys(ip_address(one[4][0]) for one in found))
