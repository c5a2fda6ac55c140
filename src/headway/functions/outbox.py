"""Functions on their way to the server: one by itself at once, many together."""

import math
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from headway.core.errors import HeadwayError, InFlight, ServerUnreachable
from headway.functions.waiting import AnyFuture, WaitingFutures
from headway.lib.jsonvalue import JsonObject
from headway.sdk import answers, requests
from headway.sdk.message import Request, Response
from headway.sdk.waiting import Patience

_MOST_AT_ONCE: Final = 1000
_MOST_BYTES: Final = 8 << 20


class Posting(NamedTuple):
    """A job to be made, and the future that waits for it. ``size_bytes`` is about what it takes on the way."""

    spec: JsonObject
    future: AnyFuture
    size_bytes: int


class Outbox:
    """A thread that sends what is put in, in its order.

    What came while something else was under way goes together, in one request and one transaction. Each request has a key of its
    own: one whose answer was lost is sent again and makes no second job.
    """

    def __init__(
        self,
        send: Callable[[Request], Response],
        waiting: WaitingFutures,
        *,
        cancel: Callable[[str], object],
        ready: Callable[[], None],
        patience_s: float,
    ) -> None:
        self._send = send
        self._waiting = waiting
        self._cancel = cancel
        self._ready = ready
        self._patience_s = patience_s
        self._lock = threading.Condition()
        self._postings: deque[Posting] = deque()
        self._is_closed = False
        self._thread = threading.Thread(target=self._run, name="headway-outbox", daemon=True)

    def start(self) -> None:
        """Send, from now on."""
        self._thread.start()

    def put(self, posting: Posting) -> None:
        """Have something sent."""
        with self._lock:
            self._postings.append(posting)
            self._lock.notify()

    def close(self) -> None:
        """Send what is still there, and then no more."""
        with self._lock:
            self._is_closed = True
            self._lock.notify()
        self._thread.join()

    def _run(self) -> None:
        while postings := self._next():
            kept = [posting for posting in postings if not posting.future._dropped()]  # noqa: SLF001
            try:
                self._ready()
                if kept:
                    self._post(kept)
            except HeadwayError as error:
                for posting in kept:
                    posting.future._refused(error)  # noqa: SLF001

    def _next(self) -> list[Posting]:
        """Give what is to be sent together, as soon as there is something; nothing at the end."""
        with self._lock:
            while not self._postings and not self._is_closed:
                self._lock.wait()
            taken: list[Posting] = []
            size_bytes = 0
            while self._postings and len(taken) < _MOST_AT_ONCE:
                size_bytes += self._postings[0].size_bytes
                if taken and size_bytes > _MOST_BYTES:
                    break
                taken.append(self._postings.popleft())
            return taken

    def _post(self, postings: Sequence[Posting]) -> None:
        """Send some; where one of many is refused, each is sent by itself."""
        try:
            jobs = self._sent([posting.spec for posting in postings])
        except ServerUnreachable:
            raise
        except HeadwayError:
            if len(postings) == 1:
                raise
            for posting in postings:
                self._post_one(posting)
            return
        futures = [posting.future for posting in postings]
        cancelled = [job for job, future in zip(jobs, futures, strict=True) if future._sent(job)]  # noqa: SLF001
        self._waiting.sent(zip(jobs, futures, strict=True))
        for job in cancelled:
            self._cancel(job)

    def _post_one(self, posting: Posting) -> None:
        try:
            self._post([posting])
        except HeadwayError as error:
            posting.future._refused(error)  # noqa: SLF001

    def _sent(self, specs: Sequence[JsonObject]) -> list[str]:
        key = secrets.token_hex(16)
        self._waiting.sending()
        try:
            if len(specs) == 1:
                return [answers.job(self._patiently(requests.submit(specs[0], key=key))).id]
            answered = self._patiently(requests.submit_many(specs, key=key))
            return [job.id for job in answers.new_jobs(answered)]
        except HeadwayError:
            self._waiting.sent(())
            raise

    def _patiently(self, request: Request) -> Response:
        """Send a request, again and again while the server is away or still at an earlier copy of it."""
        patience = Patience(self._patience_s)
        while True:
            try:
                return self._send(request)
            except ServerUnreachable as error:
                pause_s = patience.pause_s(error, now=time.monotonic(), deadline=math.inf)
            except InFlight as error:
                away = ServerUnreachable(str(error))
                pause_s = patience.pause_s(away, now=time.monotonic(), deadline=math.inf)
            time.sleep(pause_s)
