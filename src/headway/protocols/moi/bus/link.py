"""The two connections to Redis: one that asks and writes, one that hears. Either one's end is the end of both.

Nothing is done again on a connection of its own accord: whoever hears has heard all, from the opening to the end.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final, NamedTuple, TypeAlias

from redis.asyncio.connection import AbstractConnection, Connection, parse_url
from redis.exceptions import (
    AuthenticationError,
    AuthorizationError,
    RedisError,
    ResponseError,
)

from headway.core.errors import HeadwayError, InvalidRequest
from headway.protocols.moi.wire.keys import PATTERN

Command: TypeAlias = tuple[str | bytes | int, ...]

_LIMIT_S: Final = 10.0
_PING_EVERY_S: Final = 20.0
_SILENT_S: Final = 60.0
_MOST_COMMANDS: Final = 400  # at once


class Away(HeadwayError):
    """Redis cannot be reached, or a connection to it has ended. ``detail`` is what was said of it."""

    code = "redis-away"


class Refused(HeadwayError):
    """Redis answers, and does not do what is asked: it wants a password, has no memory, may only be read."""

    code = "redis-refused"


class Heard(NamedTuple):
    """A publication."""

    channel: bytes
    payload: bytes


class Address:
    """Where a Redis is.

    Raises:
        InvalidRequest: the text is no address of one.
    """

    def __init__(self, url: str) -> None:
        try:
            self._told: dict[str, Any] = dict(parse_url(url))
            self._kind: type[AbstractConnection] = self._told.pop("connection_class", Connection)
            made = self.connection()
            host, port = getattr(made, "host", ""), getattr(made, "port", "")
            path: str = getattr(made, "path", f"{host}:{port}")
        except (RedisError, TypeError, ValueError):
            path = ""
        if not path:  # without what is wrong with it: there may be a password in it
            raise InvalidRequest(
                "moi.redis must be an address such as redis://host:6379/0, rediss://host:6379/0 or"
                " unix:///path/of/redis.sock; what is special in a password is written %XX",
                field="moi.redis",
            )
        self.shown = path

    def connection(self) -> AbstractConnection:
        """Make a connection, which is not opened yet. How long it may take is not for it to say: it would lose a cancellation."""
        return self._kind(
            **{
                **self._told,
                "decode_responses": False,
                "health_check_interval": 0,
                "protocol": 2,
                "socket_connect_timeout": _LIMIT_S,
                "socket_timeout": None,
            }
        )


class Link:
    """Both connections, open."""

    def __init__(self, asking: AbstractConnection, hearing: AbstractConnection) -> None:
        self._asking = asking
        self._hearing = hearing
        self._turn = asyncio.Lock()

    async def write(self, commands: Sequence[Command]) -> list[Any]:
        """Do these, each lot of some hundreds whole or not at all; gives the answers.

        A command on a key that somebody else uses for something of another type has its error as the answer.

        Raises:
            Away, Refused: it cannot be done.
        """
        answers: list[Any] = []
        for first in range(0, len(commands), _MOST_COMMANDS):
            some = commands[first : first + _MOST_COMMANDS]
            done = (await self._all([("MULTI",), *some, ("EXEC",)]))[-1]
            for answer in done:
                if isinstance(answer, ResponseError) and not _is_of_other_type(answer):
                    raise Refused(str(answer))
            answers += done
        return answers

    async def read(self, commands: Sequence[Command]) -> list[Any]:
        """Ask these; gives the answers, as ``write``.

        Raises:
            Away, Refused: it cannot be done.
        """
        answers: list[Any] = []
        for first in range(0, len(commands), _MOST_COMMANDS):
            answers += await self._all(commands[first : first + _MOST_COMMANDS])
        return answers

    async def hear(self) -> Heard:
        """Wait for the next publication on any of moi's channels.

        Raises:
            Away: the connection has ended, or is dead.
        """
        while True:
            async with told():
                async with asyncio.timeout(_SILENT_S):
                    answer = await self._hearing.read_response()
            if answer[0] == b"pmessage":
                return Heard(answer[2], answer[3])

    async def keep(self) -> None:
        """Ask again and again whether Redis is there; never returns.

        Raises:
            Away, Refused: it is not.
        """
        while True:
            await asyncio.sleep(_PING_EVERY_S)
            async with told(), asyncio.timeout(_LIMIT_S):
                await self._hearing.send_command("PING")
            await self.read([("PING",)])

    async def _all(self, commands: Sequence[Command]) -> list[Any]:
        async with self._turn, told(), asyncio.timeout(_LIMIT_S):
            await self._asking.send_packed_command(self._asking.pack_commands(commands))
            return [await self._answer() for _ in commands]

    async def _answer(self) -> Any:  # noqa: ANN401 -- whatever the command gives
        try:
            return await self._asking.read_response()
        except ResponseError as error:
            if _is_of_other_type(error):
                return error
            raise


def _is_of_other_type(error: ResponseError) -> bool:
    return str(error).startswith("WRONGTYPE")


@asynccontextmanager
async def told() -> AsyncIterator[None]:
    """Have what redis raises told in our words."""
    try:
        yield
    except (ResponseError, AuthenticationError, AuthorizationError) as error:
        raise Refused(str(error)) from error
    except (RedisError, OSError) as error:
        raise Away(str(error) or type(error).__name__) from error


@asynccontextmanager
async def opened(address: Address) -> AsyncIterator[Link]:
    """Open both connections, and hear from then on.

    Raises:
        Away, Refused: it cannot be done.
    """
    asking, hearing = address.connection(), address.connection()
    try:
        async with told(), asyncio.timeout(_LIMIT_S):
            await hearing.send_command("PSUBSCRIBE", PATTERN)
            await hearing.read_response()
        link = Link(asking, hearing)
        await link.read([("PING",)])
        yield link
    finally:
        for one in (asking, hearing):
            with contextlib.suppress(RedisError, OSError):
                await one.disconnect(nowait=True)
