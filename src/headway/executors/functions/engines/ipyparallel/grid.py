"""ipyparallel's client, in the gateway's process."""

import asyncio
import socket
import types
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import ipyparallel
from IPython.paths import locate_profile

from headway.executors.functions.engines.remote import bundle
from headway.executors.functions.engines.remote.grid import Away

_CONNECT_S: Final = 10.0
_ALIVE_S: Final = 2.0
_DEFAULT_PROFILE: Final = "default"


class IpyparallelGrid:
    """Sends tasks to a controller. See headway.executors.functions.engines.remote.grid.Grid."""

    def __init__(self, settings: Mapping[str, str]) -> None:
        self._settings = settings
        self._client: Any = None
        self._view: Any = None
        self._file = _file_of(settings)
        self._begun = b""
        self._sent: dict[str, Any] = {}
        self._perform = _by_value()

    async def connect(self) -> None:
        """Reach the controller."""
        self._begun = self._connection()
        if not self._begun:
            raise Away(f"there is no {self._file}: start an ipyparallel cluster with ipcluster")
        try:
            self._client = await asyncio.to_thread(
                ipyparallel.Client, str(self._file), timeout=_CONNECT_S
            )
        except Exception as error:  # the client raises what its layers do
            raise Away(
                f"no ipyparallel controller answers ({error}); start a cluster with ipcluster"
            ) from error
        self._view = self._client.load_balanced_view()
        self._view.retries = 0
        await self.look()

    def send(self, tag: str, task: tuple[str, bytes, bytes, bytes, str]) -> asyncio.Future[str]:
        """Submit a task."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[str] = loop.create_future()
        sent = self._sent[tag] = self._view.apply_async(self._perform, *task)
        sent.add_done_callback(
            lambda done: loop.call_soon_threadsafe(self._done, tag, done, future)
        )
        return future

    async def drop(self, tags: Sequence[str]) -> None:
        """Abort tasks that have not begun."""
        known = [self._sent[tag] for tag in tags if tag in self._sent]
        if known:
            await asyncio.to_thread(self._client.abort, known, block=False)

    async def look(self) -> None:
        """See whether the controller listens, and is the one that was reached."""
        if self._connection() != self._begun:
            raise Away("the ipyparallel controller was started anew")
        place = _place_of(self._client)
        if place is not None:
            try:
                await asyncio.to_thread(_touch, place)
            except OSError as error:
                raise Away(
                    f"the ipyparallel controller at {place[0]}:{place[1]} is away: {error.strerror}"
                ) from error

    def _connection(self) -> bytes:
        """Give what the controller wrote of itself; as it was before, where it cannot be read."""
        try:
            return self._file.read_bytes()
        except OSError:
            return self._begun

    def _done(self, tag: str, done: Any, future: asyncio.Future[str]) -> None:  # noqa: ANN401 -- ipyparallel has no types
        self._sent.pop(tag, None)
        if future.done():
            return
        try:
            future.set_result(done.result())
        except Exception as error:  # noqa: BLE001 -- whatever ipyparallel says of it
            future.set_exception(RuntimeError(f"{type(error).__name__}: {error}"))


def _file_of(settings: Mapping[str, str]) -> Path:
    if settings["url_file"]:
        return Path(settings["url_file"]).expanduser()
    profile = Path(locate_profile(settings["profile"] or _DEFAULT_PROFILE))
    name = f"ipcontroller-{settings['cluster_id']}" if settings["cluster_id"] else "ipcontroller"
    return profile / "security" / f"{name}-client.json"


def _touch(place: tuple[str, int]) -> None:
    socket.create_connection(place, timeout=_ALIVE_S).close()


def _place_of(client: Any) -> tuple[str, int] | None:  # noqa: ANN401
    url = client._config["registration"]  # noqa: SLF001 -- it has no other way to tell
    scheme, _, rest = str(url).partition("://")
    host, _, port = rest.rpartition(":")
    return (host, int(port)) if scheme == "tcp" and port.isdigit() else None


def _by_value() -> types.FunctionType:
    """Give the function that workers run as one of no module, which ipyparallel sends whole."""
    own = types.FunctionType(bundle.perform.__code__, {"__name__": "__main__"}, "perform")
    own.__module__ = "__main__"
    return own


def grid(settings: Mapping[str, str]) -> IpyparallelGrid:
    """Make the gateway's client."""
    return IpyparallelGrid(settings)
