"""A server that is killed: the executor with a ledger for a store. Run as a program by the tests beside it.

    python played_server.py PLACE SEED

Below PLACE it keeps ``ledger``, ``data`` and, written by the jobs, ``runs``. It behaves as the core does: a job is in the
ledger before it is sent, ``find`` comes before sending again, an end is in the ledger before it is settled. It makes new jobs
until there is a file ``finish``, and ends when all have ended.
"""

import asyncio
import contextlib
import os
import random
import sys
from datetime import UTC, datetime
from pathlib import Path

from headway.core.errors import ExecutorUnavailable
from headway.core.model.names import JobId, Tag, tag_of
from headway.core.model.spec import Spec
from headway.core.ports.executor import Launch, Observation
from headway.core.ports.expecting import Expects
from headway.executors.local.plugin import plugin
from headway.lib.ids import uuid7

AT_ONCE = 12
FORETOLD = 0.3  #: share of the rounds in which nothing else is under way
NEVER_STORED = 0.25  #: share of those that are foretold


class WallClock:
    def now(self) -> datetime:
        return datetime.now(UTC)  # noqa: TID251 - this is the Clock


class PlayedServer:
    def __init__(self, place: Path, seed: str) -> None:
        self._place = place
        self._random = random.Random(seed)
        self._ledger = os.open(place / "ledger", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._open: dict[Tag, str] = {}
        self._executor = plugin.make(
            {"jobs_at_once": AT_ONCE, "grace_s": 1.0},
            clock=WallClock(),
            data=place / "data",
            base_environment={"PATH": os.defpath},
        )

    async def serve(self) -> None:
        unsure = self._read_ledger()
        await self._persist_start()
        listening = asyncio.create_task(self._listen())
        await self._send_again(unsure)
        while self._open or not (self._place / "finish").exists():
            await asyncio.sleep(self._random.random() * 0.01)
            count = min(self._executor.room(), AT_ONCE - len(self._open))
            if (self._place / "finish").exists() or count <= 0:
                continue
            if self._random.random() < FORETOLD:
                await self._foretell()
            else:
                await self._send([self._new() for _ in range(self._random.randint(1, count))])
        listening.cancel()
        await self._executor.close()

    def _read_ledger(self) -> list[Tag]:
        for line in (self._place / "ledger").read_text().splitlines():
            word, tag, rest = line.split(" ", 2)
            if word == "want":
                self._open[Tag(tag)] = rest
            else:
                self._open.pop(Tag(tag), None)
        return list(self._open)

    def _new(self) -> Tag:
        """Write a new job into the ledger: what it will do, as its shell line's end."""
        tag, end = self._think_of()
        self._want(tag, end)
        return tag

    def _think_of(self) -> tuple[Tag, str]:
        bits = self._random.getrandbits(62)
        tag = tag_of(
            JobId(uuid7(time_ns=int(WallClock().now().timestamp() * 1e9), random_bits=bits)), 1
        )
        ends = ["exit 0", "exit 7", "exit 127", "kill -9 $$", "kill -15 $$"]
        return tag, self._random.choice(ends)

    def _want(self, tag: Tag, end: str) -> None:
        self._open[tag] = end
        self._write(f"want {tag} {end}")

    async def _foretell(self) -> None:
        """Have the executor make ready for a job before it is in the ledger. Some never are, and so may never run."""
        while self._open:  # noqa: ASYNC110 - ends are heard by another task, which sets no event
            await asyncio.sleep(0.002)
        tag, end = self._think_of()
        launch = self._launch(tag, end)
        assert isinstance(self._executor, Expects)
        if self._executor.may_expect():
            self._executor.expect(launch)
        await asyncio.sleep(self._random.random() * 0.01)
        if self._random.random() >= NEVER_STORED:
            self._want(tag, end)
            await self._submit([launch])

    def _write(self, line: str) -> None:
        os.write(self._ledger, line.encode() + b"\n")

    def _launch(self, tag: Tag, end: str) -> Launch:
        nap_s = self._random.choice([0, 0, 0.01, 0.1, 0.4])
        script = f"echo {tag} >> {self._place}/runs; sleep {nap_s}; {end}"
        return Launch(tag=tag, name="", spec=Spec(command=("/bin/sh", "-c", script)))

    async def _persist_start(self) -> None:
        while True:
            with contextlib.suppress(ExecutorUnavailable):
                return await self._executor.start()
            await asyncio.sleep(0.02)

    async def _send(self, tags: list[Tag]) -> None:
        await self._submit([self._launch(tag, self._open[tag]) for tag in tags])

    async def _submit(self, launches: list[Launch]) -> None:
        try:
            assert await self._executor.submit(launches) == []
        except ExecutorUnavailable:
            await self._send_again([launch.tag for launch in launches])

    async def _send_again(self, tags: list[Tag]) -> None:
        while True:
            with contextlib.suppress(ExecutorUnavailable):
                known = set(await self._executor.find(tags))
                missing = [tag for tag in tags if tag not in known and tag in self._open]
                launches = [self._launch(tag, self._open[tag]) for tag in missing]
                assert await self._executor.submit(launches) == []
                return
            await asyncio.sleep(0.02)

    async def _listen(self) -> None:
        async for batch in self._executor.observations():
            ended = [each for each in batch if each.state.is_final]
            for each in ended:
                self._write(f"end {each.tag} {_words(each)}")
                self._open.pop(each.tag, None)
            await self._executor.settled([each.tag for each in ended])


def _words(each: Observation) -> str:
    """Say an end in the words of the shell line that has it."""
    if each.exit_code is not None:
        return f"exit {each.exit_code}"
    return f"kill -{each.signal} $$" if each.signal is not None else str(each.reason)


if __name__ == "__main__":
    asyncio.run(PlayedServer(Path(sys.argv[1]), sys.argv[2]).serve())
