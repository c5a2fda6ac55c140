"""The entry point ``rest`` of the group ``headway.protocols``."""

from typing import Final

import msgspec

from headway.core.core import Core
from headway.core.ports.callbacks import Words
from headway.lib.asgi import ASGIApp
from headway.protocols.http.context import HttpContext
from headway.protocols.rest.addresses import PREFIX
from headway.protocols.rest.router import Router
from headway.protocols.rest.routes import (
    about,
    access,
    again,
    bulk,
    callbacks,
    changes,
    claims,
    ends,
    events,
    filters,
    functions,
    groups,
    jobs,
    log_lines,
    logs,
    native,
    server,
    tokens,
    workers,
)
from headway.protocols.rest.table import Row
from headway.protocols.rest.wire.messages import callback_words


class RestPlugin(msgspec.Struct, frozen=True, kw_only=True):
    """Makes the native protocol."""

    api: int = 1
    name: str = "rest"
    prefix: str = PREFIX
    callback_words: Words = callback_words

    def make(self, core: Core, context: object) -> ASGIApp:
        """Make the protocol.

        Raises:
            TypeError: the context is not a HttpContext.
        """
        if not isinstance(context, HttpContext):
            raise TypeError(f"the context must be a HttpContext, not {type(context).__name__}")
        return Router(core, context, rows(version=context.version))


def rows(*, version: str = "0") -> tuple[Row, ...]:
    """Give the whole table of routes; ``version`` is told in its description."""
    table = (
        *jobs.ROWS,
        *functions.ROWS,
        *ends.ROWS,
        *claims.ROWS,
        *changes.ROWS,
        *again.ROWS,
        *bulk.ROWS,
        *workers.rows(),
        *logs.ROWS,
        *log_lines.ROWS,
        *native.ROWS,
        *events.rows(),
        *callbacks.ROWS,
        *filters.ROWS,
        *groups.ROWS,
        *tokens.ROWS,
        *access.ROWS,
        *server.ROWS,
    )
    return about.described(table, version=version)


plugin: Final = RestPlugin()
