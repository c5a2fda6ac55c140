"""The entry point ``joblauncher`` of the group ``headway.protocols``."""

from dataclasses import dataclass
from typing import Final

from headway.core.core import Core
from headway.core.model.names import Cluster
from headway.core.ports.callbacks import Words
from headway.lib.asgi import ASGIApp
from headway.protocols.http.context import HttpContext
from headway.protocols.joblauncher.callbacks import callback_words
from headway.protocols.joblauncher.routes import PREFIX, PROTOCOL, Routes
from headway.protocols.joblauncher.settings import read_settings


@dataclass(frozen=True, slots=True)
class JoblauncherPlugin:
    """Makes the joblauncher protocol."""

    api: int = 1
    name: str = PROTOCOL
    prefix: str = PREFIX
    callback_words: Words = callback_words

    def make(self, core: Core, context: HttpContext) -> ASGIApp:
        """Make the protocol, to be mounted at its prefix.

        Raises:
            InvalidRequest: a setting of its own cannot be used, or there is no such cluster.
        """
        settings = read_settings(context.settings.get(self.name, {}))
        if settings.cluster is not None:
            core.executor(Cluster(settings.cluster))  # told now, not at each request
        return Routes(core, context, settings)


plugin: Final = JoblauncherPlugin()
