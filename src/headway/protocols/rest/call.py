"""One call of the native protocol, as its routes get it."""

from collections.abc import Mapping
from typing import Final, TypeVar

import msgspec

from headway.core.core import Core
from headway.core.errors import InvalidRequest
from headway.core.model.names import JobId
from headway.core.model.principal import Principal
from headway.core.operations.find import find_one
from headway.lib.asgi import Receive, Scope, Send
from headway.protocols.http.context import HttpContext
from headway.protocols.rest.reading import BodyReader, QueryReader
from headway.protocols.rest.wire.words import UUID

T = TypeVar("T")
S = TypeVar("S", bound=msgspec.Struct)

PROTOCOL: Final = "rest"
_MOST_ATTEMPTS: Final = 1_000_000


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """A request whose path was found and whose caller is known.

    Attributes:
        args: the values of the path's variables, percent-decoded.
    """

    core: Core
    context: HttpContext
    actor: Principal
    scope: Scope
    receive: Receive
    send: Send
    args: Mapping[str, str]

    async def body(self, reader: BodyReader[T]) -> T:
        """Read the body. Raises as ``BodyReader.read`` does."""
        return await reader.read(self.scope, self.receive)

    def query(self, reader: QueryReader[S]) -> S:
        """Read the query. Raises as ``QueryReader.read`` does."""
        return reader.read(self.scope)

    def attempt(self) -> int:
        """Give the number of the attempt that the path names.

        Raises:
            InvalidRequest: it is no such number.
        """
        word = self.args["no"]
        if not (word.isascii() and word.isdigit() and 1 <= int(word[:9]) <= _MOST_ATTEMPTS):
            raise InvalidRequest(
                f"attempt: {word!r} is no whole number from 1 to {_MOST_ATTEMPTS}", field="attempt"
            )
        return int(word)

    async def job_id(self) -> JobId:
        """Give the id of the job that the path names; only a number has to be looked up.

        Raises:
            NotFound: it is neither a UUID nor the number of a job that the caller may see.
        """
        ref = self.args["id"]
        if UUID.fullmatch(ref):
            return JobId(ref.lower())
        return (await find_one(self.core, actor=self.actor, ref=ref)).id
