"""A client for programs that use asyncio or trio; needs httpx: ``pip install 'headway[aio]'``.

async with AsyncClient() as headway:
    job = await headway.submit(["make", "all"], name="nightly")
    ended = await headway.wait(job.id, timeout_s=3600)
"""

import math
import secrets
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Final, Self, Unpack

import anyio
import httpx

from headway.core.errors import ServerUnreachable
from headway.lib.jsonvalue import JsonObject
from headway.sdk import answers, model, requests
from headway.sdk.address import read_address
from headway.sdk.connection import DEFAULT_TIMEOUT_S
from headway.sdk.discovery import find_server
from headway.sdk.environment import environment
from headway.sdk.logs import NOT_SATISFIABLE, LogPosition
from headway.sdk.message import Request, Response
from headway.sdk.pages import Pages
from headway.sdk.problems import check, error_of
from headway.sdk.specs import Finish, JobOptions, Selection, command_spec, report_spec
from headway.sdk.sse import EventReader
from headway.sdk.waiting import Patience, Waiting

_FIRST_REFUSAL: Final = 300
_LONGEST_SILENCE_S: Final = 60.0


class AsyncClient:
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
        self.url = read_address(found.url).url
        secret = found.token if token is None else token or None
        headers = {"accept": "application/json", "user-agent": "headway"}
        if secret is not None:
            headers["authorization"] = f"Bearer {secret}"
        self._timeout_s = timeout_s
        # Without trust_env, a proxy meant for the web would be asked for 127.0.0.1.
        self._http = httpx.AsyncClient(
            headers=headers, timeout=timeout_s, transport=transport, trust_env=False
        )

    async def send(self, request: Request) -> Response:
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

    async def submit(
        self, command: Sequence[str], *, key: str | None = None, **options: Unpack[JobOptions]
    ) -> model.JobDocument:
        """Submit a command; once this returns, the server will not lose it."""
        spec = command_spec(command, options)
        return answers.job(await self.send(requests.submit(spec, key=key or secrets.token_hex(16))))

    async def submit_report(
        self, *, key: str | None = None, will_finish: bool = True, **options: Unpack[JobOptions]
    ) -> model.JobDocument:
        """Make a job that runs elsewhere and only reports.

        Args:
            will_finish: somebody will call ``finish``; else it has ended when all its workers have.
        """
        spec = report_spec(options, will_finish=will_finish)
        request = requests.submit(spec, key=key or secrets.token_hex(16))
        return answers.job(await self.send(request))

    async def job(self, ref: str | int) -> model.JobDocument:
        """Give a job by its UUID or its number."""
        return answers.job(await self.send(requests.job(str(ref))))

    async def jobs(
        self, *, limit: int | None = None, **selection: Unpack[Selection]
    ) -> AsyncIterator[model.JobSummary]:
        """Give the jobs that fit, newest first, asking for pages as they are needed; at most ``limit``."""
        pages = Pages(limit)
        while not pages.are_done:
            request = requests.jobs(**selection, limit=pages.size, cursor=pages.cursor)
            page = answers.jobs(await self.send(request))
            for job in page.jobs[: pages.left]:
                yield job
            pages.turn(len(page.jobs), page.next)

    async def workers(self, ref: str | int) -> AsyncIterator[model.Worker]:
        """Give a job's workers."""
        pages = Pages()
        while not pages.are_done:
            request = requests.workers(str(ref), limit=pages.size, cursor=pages.cursor)
            page = answers.workers(await self.send(request))
            for worker in page.workers:
                yield worker
            pages.turn(len(page.workers), page.next)

    async def report(
        self,
        ref: str | int,
        worker: str,
        *,
        current: float,
        total: float | None = None,
        ok: bool | None = None,
        desc: str | None = None,
    ) -> float:
        """Tell how far a worker is; gives the seconds after which the server would like to hear more."""
        request = requests.put_worker(
            str(ref), worker, current=current, total=total, ok=ok, desc=desc
        )
        return answers.next_report_s(await self.send(request))

    async def set_counters(
        self, ref: str | int, values: JsonObject, *, replace: bool = False
    ) -> None:
        """Set counters: key to value, to ``[value, colour]``, or to None, which removes it."""
        await self.send(requests.counters(str(ref), values, replace=replace))

    async def set_status_text(self, ref: str | int, text: str) -> None:
        """Set a job's free words."""
        await self.send(requests.status_text(str(ref), text))

    async def change_labels(
        self, ref: str | int, *, add: Sequence[str] = (), remove: Sequence[str] = ()
    ) -> model.JobDocument:
        """Add and remove labels."""
        return answers.job(await self.send(requests.labels(str(ref), add=add, remove=remove)))

    async def cancel(self, ref: str | int) -> model.JobDocument:
        """Ask for a job to be cancelled; it may end a little later, or by itself before that."""
        return answers.job(await self.send(requests.cancel(str(ref))))

    async def finish(self, ref: str | int, **how: Unpack[Finish]) -> model.JobDocument:
        """Say that a job that only reports has ended; with neither exit code nor signal it has succeeded."""
        return answers.job(await self.send(requests.finish(str(ref), **how)))

    async def events(self, ref: str | int, *, after: int = 0) -> AsyncIterator[model.Event]:
        """Give what has happened to a job so far, oldest first."""
        known: int | None = after
        while known is not None:
            page = answers.events(await self.send(requests.job_events(str(ref), after=known)))
            for event in page.events:
                yield event
            known = page.next

    async def log(
        self,
        ref: str | int,
        stream: str = "stdout",
        *,
        tail: str | None = None,
        attempt: int | None = None,
    ) -> bytes:
        """Give what a job has written so far, or its ``tail`` (``"4096"`` bytes or ``"20l"`` lines)."""
        response = await self.send(requests.log(str(ref), stream, tail=tail, attempt=attempt))
        return response.body

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
        labels: Sequence[str] = (),
        owner: str | None = None,
    ) -> AsyncIterator[model.Frame]:
        """Give changes as they happen, until the connection breaks; go on with ``after`` the last frame's ``seq``."""
        reader = EventReader()
        request = requests.changes(after=after, job=job, labels=labels, owner=owner)
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

    async def tokens(self) -> tuple[model.Token, ...]:
        """List tokens, without their secrets."""
        return answers.tokens(await self.send(requests.tokens()))

    async def create_token(
        self,
        scopes: Sequence[str],
        *,
        user: str | None = None,
        note: str | None = None,
        expires_in_s: float | None = None,
    ) -> model.CreatedToken:
        """Make a token; its secret is told only here."""
        request = requests.create_token(scopes, user=user, note=note, expires_in_s=expires_in_s)
        return answers.created_token(await self.send(request))

    async def revoke_token(self, token_id: str) -> None:
        """Make a token worthless."""
        await self.send(requests.revoke_token(token_id))

    async def whoami(self) -> model.Identity:
        """Tell who the server takes this client for."""
        return answers.identity(await self.send(requests.whoami()))

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
        words = str(error) or type(error).__name__
        return ServerUnreachable(
            f"no server answers at {self.url} ({words.lower()});"
            " start one with `headway serve`, or give another address"
        )
