"""A client for programs that use asyncio or trio; needs httpx: ``pip install 'headway[aio]'``.

async with AsyncClient() as headway:
    job = await headway.submit(["make", "all"], name="nightly")
    ended = await headway.wait(job.id, timeout_s=3600)
"""

import math
import ssl
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Final, Self

import anyio
import httpx

from headway.core.errors import ServerUnreachable
from headway.sdk import answers, model, requests
from headway.sdk.address import read_address
from headway.sdk.aio_calls import AsyncCalls
from headway.sdk.connection import DEFAULT_TIMEOUT_S
from headway.sdk.discovery import find_server
from headway.sdk.environment import environment
from headway.sdk.logs import NOT_SATISFIABLE, LogPosition
from headway.sdk.message import Request, Response
from headway.sdk.problems import check, error_of
from headway.sdk.sse import EventReader
from headway.sdk.tls import trusted, untrusted_words
from headway.sdk.waiting import Patience, Waiting

_FIRST_REFUSAL: Final = 300
_LONGEST_SILENCE_S: Final = 60.0


class AsyncClient(AsyncCalls):
    """Speaks with one Headway server; the same calls, arguments and errors as ``Client``.

    Args:
        url: the server's address; else HEADWAY_URL, else the user's own running server.
        token: sent with each request; else HEADWAY_TOKEN.
        timeout_s: how long an answer may take.
        transport: what carries the requests; httpx's own when None.
    """

    def __init__(
        self,
        url: str | None = None,
        *,
        token: str | None = None,
        timeout_s: float = DEFAULT_TIMEOUT_S,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        found = find_server(url=url, environment=environment())
        address = read_address(found.url)
        self.url = address.url
        secret = found.token if token is None else token or None
        headers = {"accept": "application/json", "user-agent": "headway"}
        if secret is not None:
            headers["authorization"] = f"Bearer {secret}"
        self._timeout_s = timeout_s
        # Without trust_env=False, a proxy meant for the web would be asked for 127.0.0.1; with it, httpx trusts only
        # the certificates that it brings itself.
        self._http = httpx.AsyncClient(
            headers=headers,
            timeout=timeout_s,
            transport=transport,
            trust_env=False,
            verify=trusted() if address.scheme == "https" else True,
        )

    async def send(self, request: Request) -> Response:  # type: ignore[explicit-override]
        """Send a request of ``headway.sdk.requests`` and give its successful response."""
        try:
            return check(await self._exchange(request))
        except httpx.RemoteProtocolError as error:
            if not request.is_repeatable:
                raise self._broken(error) from error
        except httpx.TransportError as error:
            raise self._broken(error) from error
        try:
            return check(await self._exchange(request))
        except httpx.TransportError as error:
            raise self._broken(error) from error

    async def read_log(
        self,
        ref: str | int,
        stream: str = "stdout",
        *,
        tail: str | None = None,
        attempt: int | None = None,
    ) -> AsyncIterator[bytes]:
        """Give the same as ``log`` in parts, as they come: for logs that are larger than memory."""
        request = requests.log(str(ref), stream, tail=tail, attempt=attempt)
        async with self._stream(request, silence_s=self._timeout_s) as opened:
            async for part in opened.aiter_bytes():
                yield part

    async def follow_log(
        self, ref: str | int, stream: str = "stdout", *, tail: str | None = None
    ) -> AsyncIterator[bytes]:
        """Give what a job writes while it writes it, until it has ended, also over a restart of the server."""
        position = LogPosition(str(ref), stream, tail=tail)
        patience = Patience()
        ended = False
        while not ended:
            try:
                async with self._stream(position.follow(), silence_s=None) as opened:
                    position.begin(opened.headers)
                    async for part in opened.aiter_bytes():
                        patience.renew()
                        yield position.take(part)
                # A server that stops ends its streams too.
                ended = (await self.job(ref)).state.is_final
            except ServerUnreachable as error:
                await anyio.sleep(patience.pause_s(error, now=time.monotonic(), deadline=math.inf))
        yield await self._rest_of_log(position)

    async def frames(
        self,
        *,
        after: int | None = None,
        job: str | None = None,
        q: str | None = None,
        labels: Sequence[str] = (),
        owner: str | None = None,
    ) -> AsyncIterator[model.Frame]:
        """Give changes as they happen, until the connection breaks; go on with ``after`` the last frame's ``seq``."""
        reader = EventReader()
        request = requests.changes(after=after, job=job, q=q, labels=labels, owner=owner)
        async with self._stream(request, silence_s=_LONGEST_SILENCE_S) as opened:
            async for part in opened.aiter_bytes():
                for frame in answers.frames(reader.feed(part)):
                    yield frame

    async def wait(self, ref: str | int, *, timeout_s: float | None = None) -> model.JobDocument:
        """Wait until a job has ended; see ``wait_all``."""
        async for ended in self.wait_all([ref], timeout_s=timeout_s):
            ref = ended.id
        return await self.job(ref)

    async def wait_all(
        self, refs: Iterable[str | int], *, timeout_s: float | None = None
    ) -> AsyncIterator[model.JobSummary]:
        """Give each of these jobs once it has ended, in the order in which they end.

        A server that is away for less than a minute, as in a restart, is waited for.

        Raises:
            TimedOut: not all have ended within ``timeout_s``; they go on.
        """
        deadline = math.inf if timeout_s is None else time.monotonic() + timeout_s
        jobs: list[model.JobSummary] = [await self.job(ref) for ref in refs]
        for job in jobs:
            if job.state.is_final:
                yield job
        waiting = Waiting(jobs)
        patience = Patience()
        while waiting.pending:
            ended: list[model.JobSummary] = []
            try:
                ended = await self._listen(waiting, patience, deadline)
            except ServerUnreachable as error:
                pause_s = patience.pause_s(error, now=time.monotonic(), deadline=deadline)
                await anyio.sleep(pause_s)
            for job in ended:
                yield job
            if waiting.pending and time.monotonic() >= deadline:
                raise waiting.timed_out(timeout_s or 0.0)

    async def aclose(self) -> None:
        """Close all connections."""
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def _exchange(self, request: Request) -> Response:
        got = await self._http.request(
            request.method,
            self.url + request.target,
            headers=dict(request.headers),
            content=request.body,
        )
        return Response(got.status_code, got.headers, got.content)

    async def _rest_of_log(self, position: LogPosition) -> bytes:
        request = position.rest()
        if request is None:
            return b""
        try:
            response = await self._exchange(request)
        except httpx.TransportError as error:
            raise self._broken(error) from error
        if response.status == NOT_SATISFIABLE:
            return b""
        position.begin(check(response).headers)
        return position.take(response.body)

    @asynccontextmanager
    async def _stream(
        self, request: Request, *, silence_s: float | None
    ) -> AsyncIterator[httpx.Response]:
        try:
            async with self._http.stream(
                request.method,
                self.url + request.target,
                headers=dict(request.headers),
                timeout=httpx.Timeout(self._timeout_s, read=silence_s),
            ) as got:
                if got.status_code >= _FIRST_REFUSAL:
                    raise error_of(Response(got.status_code, got.headers, await got.aread()))
                yield got
        except httpx.TransportError as error:
            raise self._broken(error) from error

    async def _listen(
        self, waiting: Waiting, patience: Patience, deadline: float
    ) -> list[model.JobSummary]:
        """Listen until one job or more have ended, or the deadline."""
        if waiting.is_stale:
            waiting.is_stale = False
            now = [await self.job(ref) for ref in list(waiting.pending)]
            ended = [job for known in now for job in waiting.renew(known)]
            if ended:
                return ended
        reader = EventReader()
        with anyio.move_on_at(anyio.current_time() + max(0.0, deadline - time.monotonic())):
            async with self._stream(waiting.request(), silence_s=_LONGEST_SILENCE_S) as opened:
                async for part in opened.aiter_bytes():
                    patience.renew()
                    for frame in answers.frames(reader.feed(part)):
                        ended = list(waiting.take(frame))
                        if ended or waiting.is_stale:
                            return ended
                raise ServerUnreachable(f"{self.url} has closed the live stream")
        return []

    def _broken(self, error: Exception) -> ServerUnreachable:
        cause: BaseException | None = error
        while cause is not None:
            if isinstance(cause, ssl.SSLCertVerificationError):
                return ServerUnreachable(untrusted_words(self.url, cause))
            cause = cause.__cause__ or cause.__context__
        words = str(error) or type(error).__name__
        return ServerUnreachable(
            f"no server answers at {self.url} ({words.lower()});"
            " start one with `headway serve`, or give another address"
        )
