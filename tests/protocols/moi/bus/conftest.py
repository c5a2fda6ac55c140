"""A private Redis, a bus over a store in memory, and a program that listens as moi's own did."""

import asyncio
import json
import subprocess
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, Self, TypeAlias

import pytest
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as Lost
from tests.protocols.moi.conftest import new_group, new_job, new_user

from headway.core.core import Core
from headway.protocols.moi.bus.bus import make_bus
from headway.protocols.moi.bus.settings import BusSettings

__all__ = ["new_group", "new_job", "new_user"]

_PATIENCE_S = 60.0
#: What comes after all that was published before it.
END = b'{"end": []}'


async def until(holds: Callable[[], Awaitable[object]]) -> None:
    """Wait until something holds."""
    async with asyncio.timeout(_PATIENCE_S):
        while not await holds():  # noqa: ASYNC110 -- it holds in another program
            await asyncio.sleep(0.005)


class RedisProcess:
    """A redis-server of a test's own, on a socket in a directory; it keeps nothing on disk."""

    def __init__(self, place: Path) -> None:
        self._place = place
        self._process: subprocess.Popen[bytes] | None = None
        self.url = f"unix://{place / 's'}"

    def launch(self) -> None:
        words = ["redis-server", "--port", "0", "--unixsocket", str(self._place / "s")]
        words += ["--dir", str(self._place), "--save", "", "--appendonly", "no"]
        with (self._place / "log").open("ab") as log:
            self._process = subprocess.Popen(words, stdout=log, stderr=log)

    async def start(self) -> None:
        self.launch()
        await self.wait()

    async def wait(self) -> None:
        """Wait until it answers."""
        async with asyncio.timeout(_PATIENCE_S):
            while True:
                client = self.client()
                try:
                    await client.ping()
                except Lost:
                    await asyncio.sleep(0.01)
                else:
                    return
                finally:
                    await client.aclose()

    def client(self) -> "Redis":
        return Redis.from_url(self.url)

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            (self._place / "s").unlink(missing_ok=True)


@contextmanager
def own_redis() -> Iterator[RedisProcess]:
    """Have a Redis, in a directory whose name is short enough for a socket in it."""
    with tempfile.TemporaryDirectory(prefix="hw-redis-") as place:
        process = RedisProcess(Path(place))
        process.launch()
        try:
            yield process
        finally:
            process.kill()


@pytest.fixture(scope="module")
def shared_redis() -> Iterator[RedisProcess]:
    """One Redis for a module's tests, each of which finds it empty."""
    with own_redis() as process:
        yield process


@pytest.fixture
async def redis_process(shared_redis: RedisProcess) -> RedisProcess:
    await shared_redis.wait()
    client = shared_redis.client()
    await client.flushall()
    await client.aclose()
    return shared_redis


@pytest.fixture
async def redis(redis_process: RedisProcess) -> AsyncIterator["Redis"]:
    client = redis_process.client()
    yield client
    await client.aclose()


class Noticed:
    """What is wrong now, and what was ever said to be."""

    def __init__(self) -> None:
        self.present: dict[str, str] = {}
        self.said: list[str] = []

    def note(self, name: str, words: str) -> None:
        if self.present.get(name) != words:
            self.said.append(words)
        self.present[name] = words

    def over(self, name: str) -> None:
        self.present.pop(name, None)
        self.said.append("")

    async def is_well(self) -> bool:
        """Tell whether the bus has written everything, and has no trouble."""
        return bool(self.said) and not self.present


RunBus: TypeAlias = Callable[..., Any]


@pytest.fixture
def run_bus(core: Core, redis_process: RedisProcess) -> RunBus:
    """Give a function that runs a bus for the length of an ``async with``, from when it has written everything."""

    @asynccontextmanager
    async def running(
        *, user: str = "alice", core: Core = core, wait: bool = True
    ) -> AsyncIterator[Noticed]:
        noticed = Noticed()
        bus = make_bus(core, BusSettings(url=redis_process.url, user=user), noticed)
        task = asyncio.create_task(bus.run())
        try:
            if wait:
                await until(noticed.is_well)
            yield noticed
            assert not task.done()
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    return running


class Listener:
    """Listens as moi's Group did: to a group's channel, and to those of all below it; what it knows is in the keys.

    What it hears and has no meaning there is an error, as it was in moi.
    """

    def __init__(self, client: "Redis", group: str) -> None:
        self._client = client
        self._hearing = client.pubsub()
        self._group = group
        self._nodes: set[str] = set()
        self.heard: list[tuple[str, dict[str, Any]]] = []

    async def __aenter__(self) -> Self:
        await self._hearing.subscribe(f"{self._group}:pubsub")
        for node in await self._below(self._group):
            await self._listen(node)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._hearing.aclose()  # type: ignore[no-untyped-call]

    async def next(self) -> tuple[str, dict[str, Any]]:
        """Give the next thing that it would tell its client."""
        async with asyncio.timeout(_PATIENCE_S):
            while not self.heard:
                await self._hear()
        return self.heard.pop(0)

    async def all(self) -> list[tuple[str, dict[str, Any]]]:
        """Give all that was published until now."""
        await self._client.publish(f"{self._group}:pubsub", END)
        async with asyncio.timeout(_PATIENCE_S):
            while await self._hear():
                pass
        heard, self.heard = self.heard, []
        return heard

    async def _hear(self) -> bool:
        message = await self._hearing.get_message(ignore_subscribe_messages=True, timeout=1)
        if message is None:
            return True
        if message["data"] == END:
            return False
        node = message["channel"].decode().removesuffix(":pubsub")
        for verb, ids in json.loads(message["data"]).items():
            assert isinstance(ids, list)
            assert verb in (("add", "remove", "get") if node == self._group else ("update", "add"))
            for one in ids:
                await self._act(verb, one)
        return True

    async def _act(self, verb: str, node: str) -> None:
        if verb == "add":
            await self._listen(node)
        if verb == "remove":
            if node not in self._nodes:
                return
            self._nodes.discard(node)
            await self._hearing.unsubscribe(f"{node}:pubsub")
        value = await self._client.get(node)
        if value is not None:
            self.heard.append((verb, json.loads(value)))

    async def _listen(self, node: str) -> None:
        if await self._client.exists(node):
            self._nodes.add(node)
            await self._hearing.subscribe(f"{node}:pubsub")

    async def _below(self, group: str) -> list[str]:
        found: list[str] = []
        for child in await members(self._client, group):
            found += [child, *await self._below(child)]
        return found


async def members(client: "Redis", group: str, kind: str = "children") -> set[str]:
    """Read a group's set."""
    return {_bytes(one).decode() for one in await client.smembers(f"{group}:{kind}")}


async def value_of(client: "Redis", node: str) -> bytes:
    """Read what is under a key."""
    return _bytes(await client.get(node))


def _bytes(value: object) -> bytes:
    assert isinstance(value, bytes)
    return value


async def info(client: "Redis", node: str) -> dict[str, Any]:
    """Read an info object."""
    told: dict[str, Any] = json.loads(await value_of(client, node))
    return told


async def cut(client: "Redis", kind: str) -> None:
    """Cut all connections of a kind but the client's own."""
    command = ("CLIENT", "KILL", "TYPE", kind, "SKIPME", "yes")
    await client.execute_command(*command)  # type: ignore[no-untyped-call]


class Raw:
    """All that is published, on all channels, as it is."""

    def __init__(self, client: "Redis") -> None:
        self._client = client
        self._hearing = client.pubsub()

    async def __aenter__(self) -> Self:
        await self._hearing.psubscribe("*")
        while await self._hearing.get_message(timeout=60) is None:
            pass
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._hearing.aclose()  # type: ignore[no-untyped-call]

    async def all(self) -> Sequence[tuple[str, bytes]]:
        """Give all that was published until now."""
        await self._client.publish("end", END)
        heard: list[tuple[str, bytes]] = []
        async with asyncio.timeout(_PATIENCE_S):
            while True:
                message = await self._hearing.get_message(timeout=1)
                if message is None:
                    continue
                if message["data"] == END:
                    return heard
                heard.append((message["channel"].decode(), message["data"]))
