"""An engine whose workers are another system's."""

import asyncio
import base64
import json
import logging
import sys
import time
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from headway.core.errors import Conflict, ExecutorUnavailable, NotFound
from headway.core.model.names import NativeId, Tag
from headway.core.model.spec import Spec
from headway.core.ports.executor import LogPart, Stream
from headway.executors.functions.engine import Death, Listener, Making, Task, Where
from headway.executors.functions.engines.remote.books import Books, Claim, Outcome
from headway.lib.jsonvalue import JsonObject

logger = logging.getLogger(__name__)

_MOST: Final = 10_000
_CONNECT_S: Final = 60.0
_LONGEST_LINE: Final = 128 << 20
_PATIENCE_S: Final = 600.0  #: workers bear a server that is away for so long
_AGAIN_S: Final = 1.0  #: before a task that came back undone is sent again
_SILENT_BEATS: Final = 5
_SILENT_S: Final = 4.0  #: a machine that has much to do is silent for a while


class _Heard(msgspec.Struct):
    claim: Claim | None = None
    outcome: Outcome | None = None


class RemoteEngine:
    """Runs functions on the workers of another system. See headway.executors.functions.engine.Engine.

    A worker is believed to be dead when it has been silent for some time and its system does not have the task any more: a
    function that lets no other thread run is silent, and is there.

    Args:
        module: of the gateway's grid.
        settings: what it takes.
        beat_s: how often workers renew their claims, and so hear that they are to be cancelled.
    """

    def __init__(
        self,
        making: Making,
        listener: Listener,
        *,
        module: str,
        settings: JsonObject,
        beat_s: float,
    ) -> None:
        self._listener = listener
        self._module = module
        self._settings = settings
        self._beat_s = beat_s
        self._silent_s = max(_SILENT_S, _SILENT_BEATS * beat_s)
        self._grace_s = making.grace_s
        self._environment = making.base_environment
        self._books = Books(making.data / "attempts")
        self._claims: dict[Tag, Claim] = {}
        self._heard: dict[Tag, float] = {}
        self._open: dict[Tag, Task] = {}  # neither ended nor settled
        self._sent: set[Tag] = set()  # with the gateway, which has not told of an end yet
        self._wishes: set[Tag] = set()
        self._turns: dict[Tag, asyncio.Lock] = {}
        self._gateway: asyncio.subprocess.Process | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_loaded = False

    async def start(self) -> None:
        """Take up what is in the books; start a gateway and send all that nobody has claimed."""
        if not self._is_loaded:
            self._load()
            self._is_loaded = True
        await self._close_gateway()
        await self._open_gateway()
        now = time.monotonic()
        for tag in self._claims:
            self._heard[tag] = now
        for tag in list(self._open):
            self._send(tag)
        self._begin(self._watch())

    def room(self) -> int:
        """Tell how many more may wait for workers."""
        return max(0, _MOST - len(self._open))

    def unheeded(self, spec: Spec) -> Sequence[str]:  # noqa: ARG002 -- the port's
        """Heed what every engine does."""
        return ()

    async def submit(self, tasks: Sequence[Task]) -> None:
        """Take tasks into the books, and have them sent."""
        try:
            for task in tasks:
                if self._books.task(task.tag) is None:
                    self._books.enter(task)
                    self._open[task.tag] = task
                self._send(task.tag)
        except OSError as error:
            raise _no_books(error) from error

    async def find(self, tags: Collection[Tag]) -> Collection[Tag]:
        """Look into the books."""
        return [tag for tag in tags if self._books.task(tag) is not None]

    async def settled(self, tags: Collection[Tag]) -> None:
        """Forget."""
        for tag in tags:
            self._drop(tag)
            self._books.settle(tag)

    async def cancel(self, tags: Collection[Tag]) -> None:
        """Let nobody claim those that nobody has; the others hear of it when they renew their claims."""
        for tag in tags:
            if tag not in self._open:
                continue
            async with self._turn(tag):
                self._wishes.add(tag)
                if tag in self._claims or tag not in self._open:
                    continue
                try:
                    await asyncio.to_thread(self._books.write_cancelled, tag)
                except OSError as error:
                    raise _no_books(error) from error
                self._drop(tag)
                self._listener.cancelled(tag)
        self._tell({"drop": list(tags)})

    async def heard(self, tag: Tag, record: bytes) -> None:
        """Hear a claim or an end.

        Raises:
            Conflict: it is not that worker's.
            ExecutorUnavailable: it cannot be noted now; the worker says it again.
        """
        if not self._is_loaded:
            raise ExecutorUnavailable("what workers run has not been taken up yet")
        if tag not in self._open:
            raise Conflict(f"{tag} is not, or no longer, to be run")
        try:
            heard = msgspec.json.decode(record, type=_Heard)
            async with self._turn(tag):
                if heard.claim is not None:
                    await self._claim(tag, heard.claim)
                elif heard.outcome is not None:
                    await self._end(tag, heard.outcome)
        except msgspec.DecodeError:
            logger.info("what a worker said of %s cannot be read", tag)
        except OSError as error:
            raise _no_books(error) from error

    async def read_log(self, tag: Tag, stream: Stream, *, offset: int, limit: int) -> LogPart:
        """Read what was printed; it is there when the attempt has ended."""
        part = self._books.log(tag, stream.value, offset=offset, limit=limit)
        if part is None:
            raise NotFound(f"no log of {tag} is kept here")
        return part

    async def forget(self, tags: Collection[Tag]) -> None:
        """Delete what was printed."""
        for tag in tags:
            self._books.forget(tag)

    async def close(self) -> None:
        """End the gateway; what workers run goes on."""
        await self._close_gateway()

    def _load(self) -> None:
        for tag in self._books.tags():
            task = self._books.task(tag)
            if task is None:
                continue
            claim, outcome = self._books.claim(tag), self._books.outcome(tag)
            if outcome is not None:
                where = _where(claim)
                self._listener.ended(tag, where, _json(outcome.outcome), outcome.data)
            elif self._books.is_cancelled(tag):
                self._listener.cancelled(tag)
            else:
                self._open[tag] = task
                if claim is not None:
                    self._claims[tag] = claim
                    self._listener.began(tag, _where(claim))

    async def _claim(self, tag: Tag, claim: Claim) -> None:
        if tag not in self._open:
            raise Conflict(f"{tag} is not, or no longer, to be run")
        known = self._claims.get(tag)
        if known is not None and known.worker != claim.worker:
            raise Conflict(f"{tag} is run by another worker")
        if known is None:
            claim = msgspec.structs.replace(claim, at=time.time())  # noqa: TID251 -- to be shown, over restarts
            await asyncio.to_thread(self._books.write_claim, tag, claim)
            self._claims[tag] = claim
            self._listener.began(tag, _where(claim))
        self._heard[tag] = time.monotonic()
        if tag in self._wishes:
            raise Conflict(f"{tag} is to be cancelled")

    async def _end(self, tag: Tag, outcome: Outcome) -> None:
        claim = self._claims.get(tag)
        if tag not in self._open or claim is None or claim.worker != outcome.worker:
            raise Conflict(f"{tag} is not, or no longer, that worker's")
        await asyncio.to_thread(self._books.write_outcome, tag, outcome)
        self._drop(tag)
        self._listener.ended(tag, _where(claim), _json(outcome.outcome), outcome.data)

    def _send(self, tag: Tag) -> None:
        task = self._open.get(tag)
        if task is None or tag in self._sent:
            return
        self._sent.add(tag)
        how = {
            "beat_s": self._beat_s,
            "grace_s": self._grace_s,
            "limit_s": task.limit_s,
            "patience_s": _PATIENCE_S,
        }
        self._tell(
            {
                "send": tag,
                "order": base64.b64encode(json.dumps(task.order).encode()).decode(),
                "pickled": base64.b64encode(task.pickled).decode(),
                "how": how,
            }
        )

    def _tell(self, word: Mapping[str, object]) -> None:
        gateway = self._gateway
        if gateway is not None and gateway.stdin is not None and not gateway.stdin.is_closing():
            gateway.stdin.write(json.dumps(word).encode() + b"\n")

    def _drop(self, tag: Tag) -> None:
        """Have nothing more to do with an attempt."""
        self._open.pop(tag, None)
        self._claims.pop(tag, None)
        self._heard.pop(tag, None)
        self._sent.discard(tag)
        self._wishes.discard(tag)
        self._turns.pop(tag, None)

    def _turn(self, tag: Tag) -> asyncio.Lock:
        return self._turns.setdefault(tag, asyncio.Lock())

    async def _open_gateway(self) -> None:
        self._gateway = gateway = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "headway.executors.functions.engines.remote.gateway",
            self._module,
            json.dumps(self._settings),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=_LONGEST_LINE,
            env={**self._environment},
            start_new_session=True,
        )
        word: Mapping[str, Any] = {}
        with suppress(TimeoutError):
            async with asyncio.timeout(_CONNECT_S):
                word = await _line(gateway)
        if "up" not in word:
            await self._close_gateway()
            raise ExecutorUnavailable(word.get("away") or "its gateway did not start; see the log")
        self._begin(self._listen(gateway))

    async def _close_gateway(self) -> None:
        for task in list(self._tasks):
            if task is not asyncio.current_task():
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task
        gateway, self._gateway = self._gateway, None
        self._sent.clear()
        if gateway is not None and gateway.returncode is None:
            gateway.kill()
            await gateway.wait()

    def _begin(self, work: Any) -> None:  # noqa: ANN401 -- a coroutine
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _listen(self, gateway: asyncio.subprocess.Process) -> None:
        away = "its gateway has ended"
        while word := await _line(gateway):
            if "away" in word:
                away = word["away"]
            elif "returned" in word:
                self._begin(self._came_back(Tag(word["returned"]), word["said"]))
            elif "gone" in word:
                logger.info("%s did not come back: %s", word["gone"], word["why"])
                self._begin(self._came_back(Tag(word["gone"]), {}))
        self._sent.clear()
        self._listener.away(away)

    async def _came_back(self, tag: Tag, said: Mapping[str, Any]) -> None:
        """Hear what became of a task in the other system; what counts was said by its worker, unless it could not."""
        if said.get("status") == "untold":
            with suppress(Conflict, msgspec.ValidationError):
                await self._note_end(tag, msgspec.convert(said, Outcome))
        self._sent.discard(tag)
        if tag in self._open and tag not in self._claims:
            await asyncio.sleep(_AGAIN_S)
            if tag not in self._claims:
                self._send(tag)

    async def _note_end(self, tag: Tag, outcome: Outcome) -> None:
        """Note an end that nobody says again, as soon as there is space for it."""
        while True:
            try:
                async with self._turn(tag):
                    await self._end(tag, outcome)
            except OSError as error:
                logger.warning("the end of %s cannot be noted now: %s", tag, error)
                await asyncio.sleep(_AGAIN_S)
            else:
                return

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(self._beat_s)
            now = time.monotonic()
            for tag, heard in list(self._heard.items()):
                if now - heard > self._silent_s and tag not in self._sent:
                    await self._bury(tag, heard)

    async def _bury(self, tag: Tag, heard: float) -> None:
        """Say that an attempt's worker died, unless it was heard meanwhile."""
        async with self._turn(tag):
            claim, task = self._claims.get(tag), self._open.get(tag)
            if claim is None or task is None or self._heard.get(tag) != heard:
                return
            cause = "cancel" if tag in self._wishes else ""
            self._drop(tag)
        words = f"its worker on {claim.host or 'its machine'} (process {claim.pid}) died"
        self._listener.died(tag, _where(claim), Death(message=words, cause=cause, rerun=task.rerun))


def _no_books(error: OSError) -> ExecutorUnavailable:
    return ExecutorUnavailable(f"its books of what runs cannot be written now: {error}")


def _where(claim: Claim | None) -> Where:
    if claim is None:
        return Where()
    started = datetime.fromtimestamp(claim.at, UTC) if claim.at else None
    return Where(native_id=NativeId(f"{claim.host}:{claim.pid}"), host=claim.host, started=started)


def _json(value: JsonObject) -> bytes:
    return msgspec.json.encode(value)


async def _line(gateway: asyncio.subprocess.Process) -> Mapping[str, Any]:
    """Give the gateway's next word; nothing at its end."""
    if gateway.stdout is None:
        return {}
    try:
        line = await gateway.stdout.readline()
        word: Mapping[str, Any] = json.loads(line) if line else {}
    except ValueError:
        return {}
    return word
