"""The entry point ``progress`` of the group ``headway.protocols``."""

from dataclasses import dataclass
from typing import Final

from headway.core.core import Core
from headway.lib.asgi import ASGIApp
from headway.protocols.http.context import HttpContext
from headway.protocols.http.router import plain_routes
from headway.protocols.progress.routes import Routes


@dataclass(frozen=True, slots=True)
class ProgressPlugin:
    """Makes the progress protocol."""

    api: int = 1
    name: str = "progress"
    prefix: str = "/progress"

    def make(self, core: Core, context: HttpContext) -> ASGIApp:
        """Make the protocol, to be mounted at its prefix."""
        return plain_routes(Routes(core, context).table(), methods=("GET", "HEAD"))


plugin: Final = ProgressPlugin()
