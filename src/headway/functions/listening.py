"""The one live stream by which all futures hear of their ends."""

import math
import threading
import time
from collections.abc import Callable
from typing import Final

from headway.core.errors import HeadwayError, ServerUnreachable
from headway.functions.waiting import WaitingFutures
from headway.sdk import answers, model, requests
from headway.sdk.connection import Connection, Stream
from headway.sdk.problems import error_of
from headway.sdk.sse import EventReader
from headway.sdk.waiting import Patience

_LONGEST_SILENCE_S: Final = 60.0  # the server lets the stream hear from it more often
_FIRST_REFUSAL: Final = 300


class Listening:
    """A thread that listens, comes back after a break, and asks for what it may have missed.

    Args:
        ask: gives a job as it is now.
        patience_s: how long the server may be away before those that wait are told so.
    """

    def __init__(
        self,
        connection: Connection,
        waiting: WaitingFutures,
        *,
        ask: Callable[[str], model.JobDocument],
        patience_s: float,
    ) -> None:
        self._connection = connection
        self._waiting = waiting
        self._ask = ask
        self._patience = Patience(patience_s)
        self._after: int | None = None
        self._stream: Stream | None = None
        self._is_closed = False
        self._is_listening = threading.Event()
        self._wake = threading.Event()
        self._failure: HeadwayError | None = None
        self._thread: threading.Thread | None = None

    def begin(self) -> None:
        """Listen, and wait until nothing that is sent from now on can be missed. Not for several threads at once.

        After a failure it is tried anew.

        Raises:
            HeadwayError: the server cannot be listened to.
        """
        if self._thread is None:
            self._failure = None
            self._is_listening.clear()
            self._thread = threading.Thread(target=self._run, name="headway-functions", daemon=True)
            self._thread.start()
        self._is_listening.wait()
        if self._failure is not None:
            self._thread.join()
            self._thread = None
            raise self._failure

    def close(self) -> None:
        """Listen no more."""
        self._is_closed = True
        self._wake.set()
        if self._stream is not None:
            self._stream.close()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        try:
            while not self._is_closed:
                try:
                    self._listen()
                except ServerUnreachable as error:
                    if not self._is_closed:
                        now = time.monotonic()
                        self._wake.wait(self._patience.pause_s(error, now=now, deadline=math.inf))
        except HeadwayError as error:
            self._failure = error
            self._waiting.fail(error)
        finally:
            self._is_listening.set()

    def _listen(self) -> None:
        reader = EventReader()
        with self._connection.stream(requests.function_ends(after=self._after)) as opened:
            if opened.response.status >= _FIRST_REFUSAL:
                raise error_of(opened.whole(self._connection.timeout_s))
            self._stream = opened
            while not self._is_closed and (part := opened.read(_LONGEST_SILENCE_S)):
                self._patience.renew()
                for event in reader.feed(part):
                    self._take(answers.function_ends(event))
        raise ServerUnreachable(
            f"{self._connection.address.url} has closed the live stream, or gone silent"
        )

    def _take(self, told: model.FunctionEnds) -> None:
        self._after = told.seq
        for end in told.ends:
            self._waiting.ended(end)
        if told.is_reset:
            self._waiting.recheck(self._ask)
        self._is_listening.set()
