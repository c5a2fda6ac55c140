"""One program's connections to its server, and the futures that wait on them."""

import asyncio
import atexit
import concurrent.futures
import threading
from collections.abc import Iterable, Iterator
from typing import Any, Final

from headway.core.errors import HeadwayError, InvalidRequest
from headway.functions.future import Future
from headway.functions.listening import Listening
from headway.functions.outbox import Outbox, Posting
from headway.functions.waiting import AnyFuture, WaitingFutures, end_in
from headway.lib.jsonvalue import JsonObject
from headway.sdk import answers, model, requests
from headway.sdk.address import read_address
from headway.sdk.client import Client
from headway.sdk.connection import Connection
from headway.sdk.dialling import dial_for
from headway.sdk.discovery import find_server
from headway.sdk.environment import environment

_MOST_A_BULK: Final = 1000


class Link:
    """A server as futures need it: one connection for questions, one for what is sent, and the live stream.

    Args:
        url: the server's address; else HEADWAY_URL, else the user's own running server.
        token: sent with each request; else HEADWAY_TOKEN.
        patience_s: how long the server may be away before futures say so.
        unpickles: whether results that are pickles are opened.
    """

    def __init__(
        self, url: str | None, token: str | None, *, patience_s: float, unpickles: bool
    ) -> None:
        found = find_server(url=url, environment=environment())
        address = read_address(found.url)
        secret = found.token if token is None else token or None
        self.url = address.url
        self._unpickles = unpickles
        self._asking = Client(self.url, token=secret or "")
        self._sending = Client(self.url, token=secret or "")
        self._has_token = secret is not None
        self._lock = threading.Lock()
        self._key = ""
        self._is_begun = self._is_closed = False
        self._all: set[AnyFuture] = set()
        self._waiting = WaitingFutures()
        self._listening = Listening(
            Connection(address, token=secret, dial=dial_for(address)),
            self._waiting,
            ask=self.document,
            patience_s=patience_s,
        )
        self._outbox = Outbox(
            self._sending.send,
            self._waiting,
            cancel=self.cancel,
            ready=self._listening.begin,
            patience_s=patience_s,
        )

    @property
    def key(self) -> str:
        """What functions are signed with."""
        if not self._key:
            self._key = answers.function_key(self._asking.send(requests.function_key()))
        return self._key

    def put(self, spec: JsonObject, *, size_bytes: int) -> AnyFuture:
        """Have a job made; gives its future.

        Raises:
            RuntimeError: after ``close``.
        """
        future = self._entered(opens=self._unpickles)
        self._outbox.put(Posting(spec, future, size_bytes))
        return future

    def future(self, ref: str | int, *, unpickles: bool | None) -> AnyFuture:
        """Give the future of a job that was made before.

        Args:
            ref: the job's id or number.
            unpickles: whether a result that is a pickle is opened; None to open only what is the user's own.

        Raises:
            InvalidRequest: it is no function's.
            NotFound: no such job, or none that the user may see.
            RuntimeError: after ``close``.
        """
        job = self.document(str(ref))
        if job.kind != "function":
            raise InvalidRequest(
                f"job {job.number} is no function's but a {job.kind}'s, and gives back nothing;"
                " ask headway.Client for it",
                field="ref",
            )
        if unpickles is None:
            unpickles = self._unpickles and job.owner == self._asking.whoami().name
        future = self._entered(opens=unpickles)
        future._sent(job.id)  # noqa: SLF001 -- a future's other half
        try:
            self._listening.begin()
            self._waiting.follow(job.id, future)
            now = self.document(job.id)  # it may have ended before it was followed
        except HeadwayError as error:
            future._refused(error)  # noqa: SLF001
            raise
        if now.state.is_final:
            self._waiting.ended(end_in(now))
        return future

    def cancel(self, job: str) -> model.JobDocument:
        """Ask for a job's end; see Service."""
        return self._asking.cancel(job)

    def cancel_all(self, futures: Iterable[AnyFuture]) -> None:
        """Have those stopped that have not ended."""
        going_on = [future for future in futures if not future.done()]
        sent = [future.job_id for future in going_on if not future._withdrawn()]  # noqa: SLF001
        for first in range(0, len(sent), _MOST_A_BULK):
            self._asking.bulk("cancel", sent[first : first + _MOST_A_BULK])

    def document(self, job: str) -> model.JobDocument:
        """Give a job as it is now; see Service."""
        return self._asking.job(job)

    def result(self, job: str) -> bytes:
        """Give all that a function gave back; see Service."""
        return self._asking.send(requests.result(job)).body

    def picture(self, job: str) -> str:
        """Give an address of a job's picture; see Service."""
        if self._has_token:
            return self._asking.make_link(job, "svg").url
        return f"{self.url}/progress/render.svg?id={job}&theme=auto"

    def frames(self, job: str, *, after: int) -> Iterator[model.Frame | None]:
        """Give a job's changes as they happen; see Service."""
        return self._asking.frames(job=job, after=after)

    def close(self, *, wait: bool, cancel: bool) -> None:
        """Take nothing more, and send what was taken; see FunctionsExecutor.shutdown."""
        with self._lock:
            is_first, self._is_closed = not self._is_closed, True
            going_on = list(self._all)
        if cancel:
            self.cancel_all(going_on)
        if is_first and self._is_begun:
            self._send_rest()
            atexit.unregister(self._send_rest)
        if wait:
            concurrent.futures.wait(going_on)
            self._listening.close()
            self._asking.close()
            self._sending.close()

    async def close_gently(self) -> None:
        """Close, and wait without holding up the event loop."""
        await asyncio.to_thread(self.close, wait=True, cancel=False)

    def _entered(self, *, opens: bool) -> AnyFuture:
        future: AnyFuture = Future(self, opens=opens)
        with self._lock:
            if self._is_closed:
                raise RuntimeError("cannot schedule new futures after shutdown")
            if not self._is_begun:
                self._is_begun = True
                self._outbox.start()
                # What was submitted is not lost when the program ends without a word.
                atexit.register(self._send_rest)
            self._all.add(future)
        future.add_done_callback(self._forget)
        return future

    def _send_rest(self) -> None:
        self._outbox.close()

    def _forget(self, future: concurrent.futures.Future[Any]) -> None:
        with self._lock:
            self._all.discard(future)
