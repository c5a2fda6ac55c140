"""Dask's client, in the gateway's process."""

import asyncio
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import cloudpickle
from distributed import Client, fire_and_forget

from headway.executors.functions.engines.remote import bundle
from headway.executors.functions.engines.remote.grid import Away

_CONNECT_S: Final = 10.0


class DaskGrid:
    """Sends tasks to a scheduler. See headway.executors.functions.engines.remote.grid.Grid."""

    def __init__(self, settings: Mapping[str, str]) -> None:
        self._settings = settings
        self._client: Any = None
        self._futures: dict[str, Any] = {}
        self._sent: set[str] = set()

    async def connect(self) -> None:
        """Reach the scheduler."""
        address, file = self._settings["address"], self._settings["scheduler_file"]
        where = {"address": address} if address else {"scheduler_file": file}
        if file and not await asyncio.to_thread(Path(file).exists):  # Dask would wait for it
            raise Away(
                f"there is no scheduler file {file}: start one with dask scheduler --scheduler-file"
            )
        try:
            self._client = await Client(  # type: ignore[no-untyped-call]
                **where,
                asynchronous=True,
                timeout=_CONNECT_S,
                set_as_default=False,
                direct_to_workers=False,
            )
        except (OSError, TimeoutError, ValueError) as error:
            raise Away(f"no Dask scheduler answers at {address or file}: {error}") from error

    def send(self, tag: str, task: tuple[str, bytes, bytes, bytes, str]) -> asyncio.Future[str]:
        """Submit a task. The scheduler knows it by its tag, so that one that is there already is joined."""
        # One that came back undone must run anew.
        key = f"headway-{tag}" + (f"-{os.urandom(4).hex()}" if tag in self._sent else "")
        self._sent.add(tag)
        future = self._client.submit(bundle.perform, *task, key=key, pure=False, retries=0)
        fire_and_forget(future)  # type: ignore[no-untyped-call]
        self._futures[tag] = future
        return asyncio.ensure_future(self._result(tag, future))

    async def drop(self, tags: Sequence[str]) -> None:
        """Cancel tasks."""
        known = [self._futures[tag] for tag in tags if tag in self._futures]
        if known:
            await self._client.cancel(known, force=True)

    async def look(self) -> None:
        """See whether the client is connected."""
        if self._client.status != "running":
            raise Away(
                f"the Dask scheduler at {self._settings['address'] or self._settings['scheduler_file']} is away"
            )

    async def _result(self, tag: str, future: Any) -> str:  # noqa: ANN401 -- Dask has no types
        try:
            result: str = await future
        finally:
            self._futures.pop(tag, None)
        return result


def grid(settings: Mapping[str, str]) -> DaskGrid:
    """Make the gateway's client."""
    # Workers have no Headway: what they run travels whole.
    cloudpickle.register_pickle_by_value(bundle)
    return DaskGrid(settings)
