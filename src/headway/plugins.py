"""Finds the executors and protocols that are installed, by entry point, and loads the ones asked for.

Headway's own executors and protocols are found the same way as anybody else's, so no module here or in the core names one.
"""

from collections.abc import Mapping
from difflib import get_close_matches
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import ClassVar, Final, Generic, Protocol, TypeVar

from headway.core.core import Core
from headway.core.errors import HeadwayError
from headway.core.ports.clock import Clock
from headway.core.ports.executor import Executor
from headway.lib.asgi import ASGIApp

API: Final = 1  #: raised by one when a port changes in a way that breaks plugins


class PluginError(HeadwayError):
    """A plugin is missing, broken, or made for another version of the ports."""

    code: ClassVar[str] = "plugin"


class Noted(Protocol):
    """Keeps what goes wrong in the background, for people who ask whether all is well, and logs it once."""

    def note(self, name: str, words: str) -> None:
        """Keep a trouble, by the name of what has it, until it is over."""
        ...

    def over(self, name: str) -> None:
        """Drop a trouble, if there was one."""
        ...


class Plugin(Protocol):
    """What every entry point holds."""

    @property
    def api(self) -> int:
        """The ``headway.plugins.API`` that the plugin was written for."""
        ...

    @property
    def name(self) -> str:
        """The plugin's name in settings, addresses and logs; equal to its entry point's."""
        ...


class ExecutorPlugin(Plugin, Protocol):
    """An entry point of the group ``headway.executors``."""

    def make(
        self,
        settings: Mapping[str, object],
        *,
        clock: Clock,
        data: Path,
        base_environment: Mapping[str, str],
    ) -> Executor:
        """Make the executor from its own settings; ``data`` is a directory of its own.

        Raises:
            InvalidRequest: a setting is missing, unknown or of the wrong kind; the message names it.
        """
        ...


class ProtocolPlugin(Plugin, Protocol):
    """An entry point of the group ``headway.protocols``.

    One that has work to do beside requests has ``background(core, context, troubles)`` too: it gives a function that does it
    until it is cancelled, or None; ``troubles`` is a Noted.
    """

    @property
    def prefix(self) -> str:
        """Where the protocol is mounted."""
        ...

    def make(self, core: Core, context: object) -> ASGIApp:
        """Make the protocol; ``context`` is a headway.protocols.http.context.HttpContext."""
        ...


P = TypeVar("P", bound=Plugin)


class Plugins(Generic[P]):
    """The installed plugins of one group. Naming them imports nothing; loading one imports it."""

    def __init__(self, group: str) -> None:
        self._points: dict[str, EntryPoint] = {
            point.name: point for point in entry_points(group=group)
        }

    def names(self) -> list[str]:
        """Give the names, sorted."""
        return sorted(self._points)

    def load(self, name: str) -> P:
        """Import one plugin.

        Raises:
            PluginError: not installed, cannot be imported, or made for another API.
        """
        point = self._points.get(name)
        if point is None:
            near = get_close_matches(name, self._points, n=1)
            hint = f"did you mean {near[0]!r}? Installed" if near else "installed"
            raise PluginError(f"no plugin is called {name!r}; {hint}: {', '.join(self.names())}")
        try:
            plugin: P = point.load()
        except (ImportError, AttributeError) as error:
            raise PluginError(f"{name}: {point.value} cannot be loaded: {error}") from error
        if plugin.api != API:
            raise PluginError(f"{name}: made for plugin API {plugin.api}; this Headway has {API}")
        return plugin


def executors() -> Plugins[ExecutorPlugin]:
    """List the installed executors."""
    return Plugins("headway.executors")


def protocols() -> Plugins[ProtocolPlugin]:
    """List the installed protocols."""
    return Plugins("headway.protocols")
