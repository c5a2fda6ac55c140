"""The entry point ``moi`` of the group ``headway.protocols``."""

from dataclasses import dataclass
from typing import Final

from headway.core.core import Core
from headway.lib.asgi import ASGIApp
from headway.protocols.http.context import HttpContext
from headway.protocols.moi.routes import PREFIX, PROTOCOL, Routes


@dataclass(frozen=True, slots=True)
class MoiPlugin:
    """Makes the moi protocol."""

    api: int = 1
    name: str = PROTOCOL
    prefix: str = PREFIX

    def make(self, core: Core, context: HttpContext) -> ASGIApp:
        """Make the protocol, to be mounted at its prefix."""
        return Routes(core, context)


plugin: Final = MoiPlugin()
