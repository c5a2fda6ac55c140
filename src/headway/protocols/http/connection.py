"""What the server tells of a request's connection, under the names that it puts into the scope.

headway.app serves these; with another ASGI server they are missing, and nobody is recognised by their socket.
"""

import asyncio
from collections.abc import Callable
from typing import Final, Protocol

from headway.lib.asgi import Scope

CONNECTION: Final = "connection"  #: key in ``scope["state"]``: a Connection
STOPPING: Final = (
    "stopping"  #: key in ``scope["state"]``: an asyncio.Event, set when the server stops
)
INSIDE: Final = "inside"  #: key in ``scope["state"]`` of a request that the server makes to itself, as its own user
FRAMES: Final = "headway.frames"  #: key in ``scope["extensions"]`` of a websocket: a FrameSink


class Connection(Protocol):
    """A client's connection."""

    @property
    def uid(self) -> int | None:
        """Give the user whose socket the other end is; None when it is not on this machine."""
        ...

    @property
    def is_own_user(self) -> bool:
        """Tell whether the other end is on this machine and belongs to the user who runs the server.

        The kernel is asked once a connection.
        """
        ...

    def abort(self) -> None:
        """Drop the connection at once, with what was not sent yet."""
        ...


class FrameSink(Protocol):
    """A websocket that takes frames as they go over the wire, so that one made once serves many."""

    @property
    def clogged(self) -> bool:
        """Tell whether more is waiting to be sent than should be, or nothing can be sent any more."""
        ...

    @property
    def write(self) -> Callable[[bytes], None]:
        """The transport's own way of sending one whole unmasked frame. Never blocks.

        It may raise RuntimeError in the moment between the connection's end and the word of it.
        """
        ...

    def watch(
        self,
        *,
        free: Callable[[], None],
        clogged: Callable[[], None],
        gone: Callable[[], None] | None = None,
    ) -> None:
        """Have these called whenever ``clogged`` has become false or true, and ``gone`` when it stays true.

        Whoever does not listen for websocket.disconnect all the time learns by ``gone`` that nothing can be sent any more.
        """
        ...

    def abort(self) -> None:
        """Drop the connection at once, with what was not sent yet."""
        ...


def connection_of(scope: Scope) -> Connection | None:
    """Give a request's connection, None when the server does not tell."""
    # Not isinstance: for a protocol class that costs a tenth of a whole request.
    found: Connection | None = scope.get("state", {}).get(CONNECTION)
    return found


def is_inside(scope: Scope) -> bool:
    """Tell whether a request comes from the server itself: by no connection, and so by no proxy."""
    return INSIDE in scope.get("state", {})


def stopping(scope: Scope) -> asyncio.Event:
    """Give the event that is set when the server stops; long answers must end then."""
    found = scope.get("state", {}).get(STOPPING)
    return found if isinstance(found, asyncio.Event) else asyncio.Event()


def frame_sink(scope: Scope) -> FrameSink | None:
    """Give a websocket's direct way out, None when the server has none."""
    found: FrameSink | None = scope.get("extensions", {}).get(FRAMES)
    return found
