"""A client for programs: calls that wait for their answer.

with Client() as headway:
    job = headway.submit(["make", "all"], name="nightly")
    ended = headway.wait(job.id, timeout_s=3600)
"""

import math
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Final, Self

from headway.core.errors import ServerUnreachable
from headway.sdk import answers, model, requests
from headway.sdk.address import read_address
from headway.sdk.calls import Calls
from headway.sdk.connection import DEFAULT_TIMEOUT_S, Connection, Stream
from headway.sdk.dialling import dial_for
from headway.sdk.discovery import find_server
from headway.sdk.environment import environment
from headway.sdk.logs import NOT_SATISFIABLE, LogPosition
from headway.sdk.message import Request, Response
from headway.sdk.problems import check, error_of
from headway.sdk.sse import EventReader
from headway.sdk.waiting import Patience, Waiting

_FIRST_REFUSAL: Final = 300
_TICK_S: Final = 0.1  # how late a timeout may be told
_LONGEST_SILENCE_S: Final = 60.0  # the server lets a live stream hear from it more often


class Client(Calls):
    """Speaks with one Headway server; connects when it is first asked for something.

    Its calls raise the errors of ``headway.core.errors`` that the server names, and ServerUnreachable when there is no
    answer. Usable from several threads, which then take turns.

    Args:
        url: the server's address; else HEADWAY_URL, else the user's own running server.
        token: sent with each request; else HEADWAY_TOKEN; an empty one stands for none.
        timeout_s: how long an answer may take.
    """

    def __init__(
        self,
        url: str | None = None,
        *,
        token: str | None = None,
        timeout_s: float = DEFAULT_TIMEOUT_S,
    ) -> None:
        found = find_server(url=url, environment=environment())
        address = read_address(found.url)
        self.url = address.url
        self._connection = Connection(
            address,
            token=found.token if token is None else token or None,
            timeout_s=timeout_s,
            dial=dial_for(address),
        )
        self._turn = threading.Lock()
        self._has_answered = False

    def send(self, request: Request) -> Response:  # type: ignore[explicit-override]
        """Send a request of ``headway.sdk.requests`` and give its successful response."""
        with self._turn:
            response = self._connection.send(request)
            self._has_answered = True
        return check(response)

    def read_log(
        self,
        ref: str | int,
        stream: str = "stdout",
        *,
        tail: str | None = None,
        attempt: int | None = None,
    ) -> Iterator[bytes]:
        """Give the same as ``log`` in parts, as they come: for logs that are larger than memory."""
        with self._stream(requests.log(str(ref), stream, tail=tail, attempt=attempt)) as opened:
            yield from opened.parts()

    def follow_log(
        self, ref: str | int, stream: str = "stdout", *, tail: str | None = None
    ) -> Iterator[bytes]:
        """Give what a job writes while it writes it, until it has ended, also over a restart of the server."""
        position = LogPosition(str(ref), stream, tail=tail)
        patience = Patience()
        ended = False
        while not ended:
            try:
                with self._stream(position.follow()) as opened:
                    position.begin(opened.response.headers)
                    for part in opened.parts():
                        patience.renew()
                        yield position.take(part)
                # A server that stops ends its streams too.
                ended = self._known(ref).state.is_final
            except ServerUnreachable as error:
                time.sleep(patience.pause_s(error, now=time.monotonic(), deadline=math.inf))
        yield self._rest_of_log(position)

    def frames(
        self,
        *,
        after: int | None = None,
        job: str | None = None,
        q: str | None = None,
        labels: Sequence[str] = (),
        owner: str | None = None,
        tick_s: float = _LONGEST_SILENCE_S,
    ) -> Iterator[model.Frame | None]:
        """Give changes as they happen, also over a restart of the server; never ends by itself.

        Args:
            after: the last sequence that is known; None begins now.
            q: a query: of the jobs that ``jobs(q=q)`` gives. It tells (``GoneChange``) when one is not among them any more.
            tick_s: None is given whenever so long has passed without a change.
        """
        patience = Patience()
        while True:
            request = requests.changes(after=after, job=job, q=q, labels=labels, owner=owner)
            try:
                for frame in self._listen(request, tick_s):
                    if frame is not None:
                        patience.renew()
                        after = frame.seq
                    yield frame
            except ServerUnreachable as error:
                left_s = patience.pause_s(error, now=time.monotonic(), deadline=math.inf)
                while left_s > 0:
                    time.sleep(min(left_s, tick_s))
                    left_s -= tick_s
                    yield None

    def wait(self, ref: str | int, *, timeout_s: float | None = None) -> model.JobDocument:
        """Wait until a job has ended; see ``wait_all``."""
        for ended in self.wait_all([ref], timeout_s=timeout_s):
            ref = ended.id
        return self._known(ref)

    def wait_all(
        self, refs: Iterable[str | int], *, timeout_s: float | None = None
    ) -> Iterator[model.JobSummary]:
        """Give each of these jobs once it has ended, in the order in which they end.

        A server that has answered before and is away for less than a minute, as in a restart, is waited for.

        Raises:
            TimedOut: not all have ended within ``timeout_s``; they go on.
        """
        deadline = math.inf if timeout_s is None else time.monotonic() + timeout_s
        jobs = [self._known(ref, deadline) for ref in refs]
        yield from (job for job in jobs if job.state.is_final)
        waiting = Waiting(jobs)
        while waiting.pending:
            for frame in self.frames(after=waiting.after, job=waiting.only, tick_s=_TICK_S):
                if frame is not None:
                    yield from waiting.take(frame)
                if not waiting.pending:
                    return
                if time.monotonic() >= deadline:
                    raise waiting.timed_out(timeout_s or 0.0)
                if waiting.is_stale:
                    break
            yield from waiting.reload(self._known)

    def close(self) -> None:
        """Close the connection; the next call opens it again."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _known(self, ref: str | int, deadline: float = math.inf) -> model.JobDocument:
        """Ask for a job, with patience when the server has answered before."""
        patience = Patience()
        while True:
            try:
                return self.job(ref)
            except ServerUnreachable as error:
                now = time.monotonic()
                if not self._has_answered or now >= deadline:
                    raise
                time.sleep(patience.pause_s(error, now=now, deadline=deadline))

    def _rest_of_log(self, position: LogPosition) -> bytes:
        request = position.rest()
        if request is None:
            return b""
        with self._turn:
            response = self._connection.send(request)
        if response.status == NOT_SATISFIABLE:
            return b""
        position.begin(check(response).headers)
        return position.take(response.body)

    @contextmanager
    def _stream(self, request: Request) -> Iterator[Stream]:
        with self._connection.stream(request) as opened:
            if opened.response.status >= _FIRST_REFUSAL:
                raise error_of(opened.whole(self._connection.timeout_s))
            yield opened

    def _listen(self, request: Request, tick_s: float) -> Iterator[model.Frame | None]:
        """Give the frames of one live stream, and None for each ``tick_s`` without one."""
        reader = EventReader()
        silent_s = 0.0
        with self._stream(request) as opened:
            while silent_s < _LONGEST_SILENCE_S:
                part = opened.read(tick_s)
                if part == b"":
                    break
                silent_s = 0.0 if part else silent_s + tick_s
                if part is None:
                    yield None
                else:
                    yield from answers.frames(reader.feed(part))
        raise ServerUnreachable(f"{self.url} has closed the live stream, or gone silent")
