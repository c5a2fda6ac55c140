"""The process between the server and another system: that system's client, which unpickles what it is sent, is here alone.

Lines of JSON come in: ``{"send": tag, "order": base64, "pickled": base64, "how": {…}}``, ``{"drop": [tag…]}``; lines of JSON go
out: ``{"up": true}``, ``{"returned": tag, "said": {…}}``, ``{"gone": tag, "why": "…"}``, ``{"away": "…"}``. It ends when its input
does, and when the system is away.
"""

import asyncio
import base64
import importlib
import json
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any, Final, TextIO

from headway.executors.functions.engines.remote.bundle import bundle
from headway.executors.functions.engines.remote.grid import Away, Grid

_LONGEST_LINE: Final = 32 << 20
_LOOK_S: Final = 0.5


class _Gateway:
    def __init__(self, grid: Grid, words: TextIO) -> None:
        self._grid = grid
        self._words = words
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        try:
            await self._grid.connect()
            self._say({"up": True})
            reading = asyncio.create_task(self._read())
            while not reading.done():
                await asyncio.wait([reading], timeout=_LOOK_S)
                await self._grid.look()
            await reading
        except Away as away:
            self._say({"away": str(away)})

    def _say(self, word: Mapping[str, object]) -> None:
        self._words.write(json.dumps(word) + "\n")
        self._words.flush()

    async def _read(self) -> None:
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader(limit=_LONGEST_LINE)
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        while line := await reader.readline():
            told = json.loads(line)
            if "send" in told:
                task = asyncio.create_task(self._follow(told))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
            elif "drop" in told:
                await self._grid.drop(told["drop"])

    async def _follow(self, told: Mapping[str, Any]) -> None:
        tag = told["send"]
        order, pickled = base64.b64decode(told["order"]), base64.b64decode(told["pickled"])
        try:
            said = await self._grid.send(tag, (*bundle(), order, pickled, json.dumps(told["how"])))
            self._say({"returned": tag, "said": json.loads(said)})
        except asyncio.CancelledError:
            self._say({"gone": tag, "why": "it was taken out of the queue"})
        except Exception as error:  # noqa: BLE001 -- whatever the system's client says of it
            self._say({"gone": tag, "why": f"{type(error).__name__}: {str(error)[:500]}"})


def main(arguments: Sequence[str]) -> None:
    """Be the gateway to a system: the module of its grid, and its settings as JSON."""
    module, settings = arguments
    # What the system's own client prints is no word of ours.
    words = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    grid: Grid = importlib.import_module(module).grid(json.loads(settings))
    asyncio.run(_Gateway(grid, words).run())


if __name__ == "__main__":
    main(sys.argv[1:])
