"""The entry point ``progress`` of the group ``headway.protocols``."""

from dataclasses import dataclass
from typing import Final

from headway.core.core import Core
from headway.lib.asgi import ASGIApp
from headway.protocols.http.context import HttpContext
from headway.protocols.http.live.sse import LiveEvents
from headway.protocols.http.router import mounted, plain_routes
from headway.protocols.progress.routes import Routes


@dataclass(frozen=True, slots=True)
class ProgressPlugin:
    """Makes the progress protocol."""

    api: int = 1
    name: str = "progress"
    prefix: str = "/progress"

    def make(self, core: Core, context: HttpContext) -> ASGIApp:
        """Make the protocol, to be mounted at its prefix."""
        routes = Routes(core, context)
        plain = plain_routes(routes.table(), methods=("GET", "HEAD"))
        return mounted({"/events": LiveEvents(context.hub, routes.watch)}, plain)


plugin: Final = ProgressPlugin()
