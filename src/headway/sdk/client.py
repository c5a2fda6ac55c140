"""A client for programs: calls that wait for their answer.

with Client() as headway:
    job = headway.submit(["make", "all"], name="nightly")
    ended = headway.wait(job.id, timeout_s=3600)
"""

import math
import secrets
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Final, Self, Unpack

from headway.core.errors import ServerUnreachable
from headway.lib.jsonvalue import JsonObject
from headway.sdk import answers, model, requests
from headway.sdk.address import read_address
from headway.sdk.connection import DEFAULT_TIMEOUT_S, Connection, Stream
from headway.sdk.dialling import dial_for
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
_TICK_S: Final = 0.1  # how late a timeout may be told
_LONGEST_SILENCE_S: Final = 60.0  # the server lets a live stream hear from it more often


class Client:
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

    def send(self, request: Request) -> Response:
        """Send a request of ``headway.sdk.requests`` and give its successful response."""
        with self._turn:
            response = self._connection.send(request)
            self._has_answered = True
        return check(response)

    def submit(
        self, command: Sequence[str], *, key: str | None = None, **options: Unpack[JobOptions]
    ) -> model.JobDocument:
        """Submit a command; once this returns, the server will not lose it.

        Args:
            command: program and arguments, no shell line.
            key: an idempotency key: the same key gives the same job again. Without one, one is made up, so that an
                answer lost on its way does not make two jobs.
        """
        request = requests.submit(command_spec(command, options), key=key or secrets.token_hex(16))
        return answers.job(self.send(request))

    def submit_report(
        self, *, key: str | None = None, will_finish: bool = True, **options: Unpack[JobOptions]
    ) -> model.JobDocument:
        """Make a job that runs elsewhere and only reports.

        Args:
            will_finish: somebody will call ``finish``; else it has ended when all its workers have.
        """
        spec = report_spec(options, will_finish=will_finish)
        request = requests.submit(spec, key=key or secrets.token_hex(16))
        return answers.job(self.send(request))

    def job(self, ref: str | int) -> model.JobDocument:
        """Give a job by its UUID or its number."""
        return answers.job(self.send(requests.job(str(ref))))

    def jobs(
        self, *, limit: int | None = None, **selection: Unpack[Selection]
    ) -> Iterator[model.JobSummary]:
        """Give the jobs that fit, newest first, asking for pages as they are needed; at most ``limit``."""
        pages = Pages(limit)
        while not pages.are_done:
            request = requests.jobs(**selection, limit=pages.size, cursor=pages.cursor)
            page = answers.jobs(self.send(request))
            yield from page.jobs[: pages.left]
            pages.turn(len(page.jobs), page.next)

    def workers(self, ref: str | int) -> Iterator[model.Worker]:
        """Give a job's workers."""
        pages = Pages()
        while not pages.are_done:
            request = requests.workers(str(ref), limit=pages.size, cursor=pages.cursor)
            page = answers.workers(self.send(request))
            yield from page.workers
            pages.turn(len(page.workers), page.next)

    def report(
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
        return answers.next_report_s(self.send(request))

    def set_counters(self, ref: str | int, values: JsonObject, *, replace: bool = False) -> None:
        """Set counters: key to value, to ``[value, colour]``, or to None, which removes it."""
        self.send(requests.counters(str(ref), values, replace=replace))

    def set_status_text(self, ref: str | int, text: str) -> None:
        """Set a job's free words."""
        self.send(requests.status_text(str(ref), text))

    def change_labels(
        self, ref: str | int, *, add: Sequence[str] = (), remove: Sequence[str] = ()
    ) -> model.JobDocument:
        """Add and remove labels."""
        return answers.job(self.send(requests.labels(str(ref), add=add, remove=remove)))

    def cancel(self, ref: str | int) -> model.JobDocument:
        """Ask for a job to be cancelled; it may end a little later, or by itself before that."""
        return answers.job(self.send(requests.cancel(str(ref))))

    def finish(self, ref: str | int, **how: Unpack[Finish]) -> model.JobDocument:
        """Say that a job that only reports has ended; with neither exit code nor signal it has succeeded."""
        return answers.job(self.send(requests.finish(str(ref), **how)))

    def events(self, ref: str | int, *, after: int = 0) -> Iterator[model.Event]:
        """Give what has happened to a job so far, oldest first."""
        known: int | None = after
        while known is not None:
            page = answers.events(self.send(requests.job_events(str(ref), after=known)))
            yield from page.events
            known = page.next

    def log(
        self,
        ref: str | int,
        stream: str = "stdout",
        *,
        tail: str | None = None,
        attempt: int | None = None,
    ) -> bytes:
        """Give what a job has written so far, or its ``tail`` (``"4096"`` bytes or ``"20l"`` lines)."""
        return self.send(requests.log(str(ref), stream, tail=tail, attempt=attempt)).body

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
        labels: Sequence[str] = (),
        owner: str | None = None,
        tick_s: float = _LONGEST_SILENCE_S,
    ) -> Iterator[model.Frame | None]:
        """Give changes as they happen, also over a restart of the server; never ends by itself.

        Args:
            after: the last sequence that is known; None begins now.
            tick_s: None is given whenever so long has passed without a change.
        """
        patience = Patience()
        while True:
            request = requests.changes(after=after, job=job, labels=labels, owner=owner)
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

    def tokens(self) -> tuple[model.Token, ...]:
        """List tokens, without their secrets."""
        return answers.tokens(self.send(requests.tokens()))

    def create_token(
        self,
        scopes: Sequence[str],
        *,
        user: str | None = None,
        note: str | None = None,
        expires_in_s: float | None = None,
    ) -> model.CreatedToken:
        """Make a token; its secret is told only here."""
        request = requests.create_token(scopes, user=user, note=note, expires_in_s=expires_in_s)
        return answers.created_token(self.send(request))

    def revoke_token(self, token_id: str) -> None:
        """Make a token worthless."""
        self.send(requests.revoke_token(token_id))

    def whoami(self) -> model.Identity:
        """Tell who the server takes this client for."""
        return answers.identity(self.send(requests.whoami()))

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
