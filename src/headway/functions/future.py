"""A function that was submitted, and what becomes of it."""

import asyncio
import concurrent.futures
import pickle
import threading
from collections.abc import Generator
from typing import Any, Final, Generic, TypeVar

import msgspec
from typing_extensions import override

from headway.core.errors import HeadwayError
from headway.core.model.result import JSON, OPAQUE
from headway.core.model.state import State
from headway.functions.card import card_of, show
from headway.functions.errors import RemoteError
from headway.functions.service import Service
from headway.functions.unread import Unread
from headway.lib.jsonvalue import JsonObject, JsonValue
from headway.sdk import model

T = TypeVar("T")

#: In the place of a result that is opened when somebody asks for it.
_UNREAD: Final[Any] = object()


class Future(concurrent.futures.Future[T], Generic[T]):
    """What ``submit`` gives: a ``concurrent.futures.Future``, which can be awaited too.

    A result that is no JSON is a pickle. It is fetched and opened when it is first asked for, and only then: whoever never asks
    never runs what is in it. It comes from the server that this program was told of, and was made by a function of this
    program's user: others' are not opened unless that is asked for. ``FunctionsExecutor(unpickle=False)`` opens none.
    """

    def __init__(self, service: Service, *, opens: bool) -> None:
        super().__init__()
        self._service = service
        self._opens = opens
        self._known = threading.Event()
        self._job: str | None = None
        self._wants_cancel = False
        self._value: Any = _UNREAD
        self._elsewhere: JsonObject = {}

    @property
    def job_id(self) -> str:
        """The job's id; waits until the server has acknowledged it: from then on it will not be lost.

        Raises:
            HeadwayError: the server did not take it.
            CancelledError: it was cancelled before it was sent.
        """
        self._known.wait()
        if self._job is None:
            raise self.exception() or RuntimeError("the job's id is not known")
        return self._job

    @property
    def url(self) -> str:
        """The job's page."""
        return f"{self._service.url}/progress/show?id={self.job_id}"

    def document(self) -> model.JobDocument:
        """Ask the server for the job as it is now: its state, progress, counters and attempts."""
        return self._service.document(self.job_id)

    @override
    def result(self, timeout: float | None = None, *, timeout_s: float | None = None) -> T:
        """Give what the function gave back, waiting for it for at most so many seconds.

        Raises:
            RemoteError: the function raised an exception, or its job failed.
            CancelledError: it was cancelled.
            TimeoutError: it has not ended; it goes on.
            HeadwayError: the server did not take it, or cannot be reached any more.
        """
        super().result(timeout if timeout_s is None else timeout_s)
        if self._value is _UNREAD:
            self._value = self._opened()
        value: T = self._value
        return value

    @override
    def exception(
        self, timeout: float | None = None, *, timeout_s: float | None = None
    ) -> BaseException | None:
        """Give what ``result`` would raise, None when it would give something; raises CancelledError and TimeoutError."""
        return super().exception(timeout if timeout_s is None else timeout_s)

    @override
    def cancel(self) -> bool:
        """Have it stopped, wherever it is: also while it runs.

        Returns:
            True when it was cancelled or the server has noted the wish; the future is done once the job has ended. False when
            it has ended already.
        """
        if self._withdrawn():
            return True
        if self.done():
            return self.cancelled()
        return not self._service.cancel(self.job_id).state.is_final or not self.done()

    def __await__(self) -> Generator[Any, None, T]:
        """Wait for the result in asyncio. A task that is cancelled while it waits does not cancel the job."""
        return self._awaited().__await__()

    async def _awaited(self) -> T:
        loop = asyncio.get_running_loop()
        done = loop.create_future()

        def tell(_: concurrent.futures.Future[T]) -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(_settle, done)

        self.add_done_callback(tell)
        await done
        if self._elsewhere:  # fetching it here would hold up the event loop
            return await asyncio.to_thread(self.result)
        return self.result()

    @override
    def __repr__(self) -> str:
        state = "cancelled" if self.cancelled() else "done" if self.done() else "pending"
        return f"<headway Future of job {self._job or '(not sent yet)'}: {state}>"

    def show(self) -> None:
        """Show a live card in a notebook; elsewhere a line of text for each change. Returns when the job has ended."""
        show(self._service, self.job_id)

    def _repr_html_(self) -> str:
        """Give the card that a notebook shows for a cell's value."""
        return card_of(self._service.document(self.job_id), self._service)

    def _sent(self, job: str) -> bool:
        """Hear that the server has it; tells whether it is to be cancelled at once."""
        self._job = job
        self._known.set()
        return self._wants_cancel

    def _refused(self, error: HeadwayError) -> None:
        """Hear that the server will not have it, or cannot be asked any more."""
        if not self.done():
            self.set_exception(error)
        self._known.set()

    def _withdrawn(self) -> bool:
        """Wish it not to be sent, or to be cancelled once it was; False when it was sent before."""
        if not self._known.is_set():
            self._wants_cancel = True
        return not self._known.is_set()

    def _dropped(self) -> bool:
        """Give it up before it was sent, if somebody wishes so."""
        if self._wants_cancel:
            self._be_cancelled()
            self._known.set()
        return self._wants_cancel

    def _ended(self, end: model.FunctionEnd) -> None:
        """Hear how it ended; what comes twice is the same."""
        if self.done():
            return
        if end.state is State.SUCCEEDED:
            self._elsewhere = _elsewhere(end.result)
            if not self._elsewhere:
                self._value = end.result
            self.set_result(_UNREAD)
        elif end.state is State.CANCELLED:
            self._be_cancelled()
        else:
            self.set_exception(_error_of(end))

    def _be_cancelled(self) -> None:
        if super().cancel():
            self.set_running_or_notify_cancel()

    def _opened(self) -> Any:  # noqa: ANN401 -- whatever the function gave back
        """Fetch a result that the end did not bring."""
        told = self._elsewhere
        data = self._service.result(self.job_id)
        if told.get("media_type") == JSON:
            return msgspec.json.decode(data)
        if not self._opens:
            return Unread(data, str(told.get("type", "")))
        return pickle.loads(data)  # noqa: S301 -- see the class


def _settle(done: asyncio.Future[None]) -> None:
    if not done.done():
        done.set_result(None)


def _elsewhere(result: JsonValue) -> JsonObject:
    """Give what is said of a result that did not come along; nothing when it did."""
    if isinstance(result, dict) and result.keys() == {OPAQUE}:
        about: JsonObject = result[OPAQUE]
        return about
    return {}


def _error_of(end: model.FunctionEnd) -> RemoteError:
    if end.error is not None:
        return RemoteError(
            job=end.id,
            # Where no exception was raised, the server puts the reason there.
            kind="" if end.error.type == end.reason else end.error.type,
            message=end.error.message,
            traceback=end.error.traceback,
        )
    how = f"exit code {end.exit_code}" if end.exit_code is not None else ""
    how = f"signal {end.signal}" if end.signal is not None else how
    words = ", ".join(filter(None, (end.status_text, (end.reason or "").replace("_", " "), how)))
    return RemoteError(
        job=end.id, kind="", message=f"job {end.number} failed: {words or 'no reason'}"
    )
