"""The entry point ``moi`` of the group ``headway.protocols``."""

import importlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, Protocol

from headway.core.core import Core
from headway.core.errors import InvalidRequest
from headway.lib.asgi import ASGIApp
from headway.plugins import Noted
from headway.protocols.http.context import HttpContext
from headway.protocols.moi.bus.settings import BusSettings, read_settings
from headway.protocols.moi.routes import PREFIX, PROTOCOL, Routes

_BUS: Final = "headway.protocols.moi.bus.bus"  # needs the extra redis


class Runs(Protocol):
    """Work that goes on until it is cancelled."""

    async def run(self) -> None:
        """Do it."""
        ...


class MakeBus(Protocol):
    """See headway.protocols.moi.bus.bus.make_bus."""

    def __call__(self, core: Core, settings: BusSettings, troubles: Noted) -> Runs:
        """Make the bus."""
        ...


@dataclass(frozen=True, slots=True)
class MoiPlugin:
    """Makes the moi protocol."""

    api: int = 1
    name: str = PROTOCOL
    prefix: str = PREFIX

    def make(self, core: Core, context: HttpContext) -> ASGIApp:
        """Make the protocol, to be mounted at its prefix."""
        return Routes(core, context)

    def background(
        self, core: Core, context: HttpContext, troubles: Noted
    ) -> Callable[[], Awaitable[None]] | None:
        """Give what runs beside the protocol: moi's keys and channels in a Redis, where the settings name one.

        Raises:
            InvalidRequest: a setting cannot be used, or the client of Redis is not installed.
        """
        settings = read_settings(context.settings.get(self.name, {}))
        if settings is None:
            return None
        try:
            make: MakeBus = importlib.import_module(_BUS).make_bus
        except ImportError as error:
            raise InvalidRequest(
                f"moi.redis needs what is not installed here ({error}); pip install 'headway[redis]'",
                field="moi.redis",
            ) from error
        return make(core, settings, troubles).run


plugin: Final = MoiPlugin()
