"""One attempt in a worker of another system: claimed, run, told. It travels to the worker with the runner.

The standard library only, and cloudpickle where it is installed: Headway need not be there.
"""

import base64
import contextlib
import ctypes
import http.client
import io
import json
import os
import signal
import socket
import ssl
import threading
import time
import urllib.parse
from collections.abc import Callable, Iterator, Mapping
from types import FrameType
from typing import Any, Final

from headway.executors.functions import runner
from headway.lib.job_cancelled import JobCancelled

_ANSWER_S: Final = 30.0
_FIRST_PAUSE_S: Final = 0.2
_LONGEST_PAUSE_S: Final = 3.0
_REFUSALS: Final = frozenset(range(400, 500)) - {408, 429}  # not these: too slow, too many
_MOST_OUTPUT: Final = 1 << 20
_ONE: Final = threading.Lock()


class Refused(Exception):
    """The server says that this attempt is not, or no longer, for this worker."""


class Link:
    """Speaks for one attempt with the server; not for several threads at once."""

    def __init__(self, environment: Mapping[str, str], tag: str) -> None:
        parts = urllib.parse.urlsplit(environment["HEADWAY_URL"])
        self._dial = _dialling(parts)
        job, _, no = tag.rpartition(".")
        self._path = f"{parts.path.rstrip('/')}/api/v1/jobs/{job}/attempts/{no}/"
        self._headers = {
            "authorization": f"Bearer {environment.get('HEADWAY_REPORT_TOKEN', '')}",
            "content-type": "application/json",
        }
        self._connection: http.client.HTTPConnection | None = None

    def put(self, what: str, body: Mapping[str, Any]) -> None:
        """Tell something once.

        Raises:
            Refused: the server will not have it.
            OSError: the server is not there, or cannot take it now.
        """
        data = json.dumps(body).encode()
        for again in (True, False):
            held = self._connection is not None
            try:
                self._connection = self._connection or self._dial()
                self._connection.request("PUT", self._path + what, data, self._headers)
                answer = self._connection.getresponse()
                words = answer.read()
            except (OSError, http.client.HTTPException) as error:
                self.close()
                if again and held:  # it stood idle, and the server has closed it
                    continue
                raise ConnectionError(str(error)) from error
            if answer.status in _REFUSALS:
                raise Refused(words.decode("utf-8", "replace"))
            if answer.status != http.client.NO_CONTENT:
                raise ConnectionError(f"the server answered {answer.status}")
            return

    def put_patiently(self, what: str, body: Mapping[str, Any], *, patience_s: float) -> None:
        """Tell something, again and again while the server is away. Raises as ``put``, OSError after ``patience_s``."""
        until = time.monotonic() + patience_s
        pause_s = _FIRST_PAUSE_S
        while True:
            try:
                self.put(what, body)
            except OSError:
                if time.monotonic() + pause_s > until:
                    raise
                time.sleep(pause_s)
                pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)
            else:
                return

    def close(self) -> None:
        """Close the connection; the next word opens it again."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _dialling(parts: urllib.parse.SplitResult) -> Callable[[], http.client.HTTPConnection]:
    host = parts.hostname or "127.0.0.1"
    if parts.scheme == "https":
        context = ssl.create_default_context()
        return lambda: http.client.HTTPSConnection(
            host, parts.port, timeout=_ANSWER_S, context=context
        )
    return lambda: http.client.HTTPConnection(host, parts.port, timeout=_ANSWER_S)


class ThreadCut(runner.Cut):
    """Ends a function that runs in this thread, from another one: by a signal in the main thread, which ends a sleep too."""

    def __init__(self) -> None:
        super().__init__()
        self._thread = threading.get_ident()
        self._is_main = threading.current_thread() is threading.main_thread()
        self._turn = threading.Lock()
        self._runs = False
        self._other: Callable[[], None] | None = None
        self._wanted = ""

    def arm(self) -> None:  # type: ignore[explicit-override]  # Python 3.11 has no override
        """Let ``ask`` end it; at once where somebody has asked before."""
        super().arm()
        with self._turn:
            self._runs, self._other = True, None
        if self._wanted:
            self.now(self._wanted)

    def instead(self, how: Callable[[], None]) -> None:  # type: ignore[explicit-override]
        """Have ``ask`` call this; at once where somebody has asked before."""
        super().instead(how)
        with self._turn:
            self._other = how
        if self._wanted:
            self.now(self._wanted)

    def disarm(self) -> None:  # type: ignore[explicit-override]
        """Let it be ended no more."""
        with self._turn:
            self._runs = False
            if not self._is_main:
                _raise_in(self._thread, None)  # what was asked and has not been raised yet
        super().disarm()

    def ask(self, cause: str) -> None:
        """Have the function ended; for another thread."""
        with self._turn:
            if self._wanted:
                return
            self._wanted = cause
            if not self._runs:
                return
            if self._is_main:
                signal.pthread_kill(self._thread, signal.SIGUSR2)
                return
            self.cause = cause
            if self._other is None:
                _raise_in(self._thread, JobCancelled)
            else:
                self._other()

    @contextlib.contextmanager
    def listening(self) -> Iterator[None]:
        """Take the signal, where it is one."""
        if not self._is_main:
            yield
            return

        def heard(_number: int, _frame: FrameType | None) -> None:
            self.now(self._wanted or "cancel")

        before = signal.signal(signal.SIGUSR2, heard)
        try:
            yield
        finally:
            signal.signal(signal.SIGUSR2, before)


def _raise_in(thread: int, error: type[BaseException] | None) -> None:
    ctypes.pythonapi.PyThreadState_SetAsyncExc(
        ctypes.c_ulong(thread), None if error is None else ctypes.py_object(error)
    )


class _Keeping:
    """Renews the claim while the function runs; ends it when the server says so, or its time is over."""

    def __init__(
        self, link: Link, claim: Mapping[str, Any], cut: ThreadCut, how: Mapping[str, Any]
    ) -> None:
        self._link = link
        self._claim = claim
        self._cut = cut
        self._beat_s = float(how["beat_s"])
        self._grace_s = float(how["grace_s"])
        limit_s = float(how["limit_s"])
        self._limit = time.monotonic() + limit_s if limit_s else float("inf")
        self._force = float("inf")
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="headway-claim", daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        self._link.close()

    def _run(self) -> None:
        beat = time.monotonic() + self._beat_s
        while not self._over.wait(max(0.0, min(beat, self._limit, self._force) - time.monotonic())):
            now = time.monotonic()
            if now >= self._force:
                # What does not end when told to is ended with its worker, which claims that it died.
                os.kill(os.getpid(), signal.SIGKILL)
            if now >= self._limit:
                self._end("limit")
            if now >= beat:
                beat = now + self._beat_s
                self._renew()

    def _renew(self) -> None:
        try:
            self._link.put("claim", self._claim)
        except Refused:
            self._end("cancel")
        except OSError:
            pass  # it is away; the function goes on

    def _end(self, cause: str) -> None:
        self._limit = float("inf")
        if self._force == float("inf"):
            self._force = time.monotonic() + self._grace_s
            self._cut.ask(cause)


def work(order: Mapping[str, Any], pickled: bytes, how: Mapping[str, Any]) -> dict[str, Any]:
    """Run an attempt, if it is still to be run.

    Args:
        order: what ``runner.run`` takes.
        pickled: what it takes beside.
        how: ``beat_s``, ``grace_s``, ``limit_s``, ``patience_s`` (how long the server may be away).

    Returns:
        ``status``: ``told``; ``refused`` when it was somebody else's; ``unclaimed`` when the server could not be asked; ``untold``,
        with ``outcome`` and ``data``, when it could not be told the end.
    """
    # Directory, environment and outputs are the whole process's: functions run one after the other, whatever its threads.
    with _ONE:
        return _work(order, pickled, how)


def _work(order: Mapping[str, Any], pickled: bytes, how: Mapping[str, Any]) -> dict[str, Any]:
    environment, tag = order["environment"], order["tag"]
    claim = {"worker": os.urandom(16).hex(), "host": socket.gethostname(), "pid": os.getpid()}
    link = Link(environment, tag)
    try:
        link.put_patiently("claim", claim, patience_s=how["patience_s"])
    except Refused:
        return {"status": "refused"}
    except OSError as error:
        return {"status": "unclaimed", "why": str(error)}
    cut = ThreadCut()
    printed = io.StringIO(), io.StringIO()
    with (
        _Keeping(Link(environment, tag), claim, cut, how),
        cut.listening(),
        contextlib.redirect_stdout(printed[0]),
        contextlib.redirect_stderr(printed[1]),
    ):
        outcome, data = runner.run(order, pickled, cut=cut)
    end = {
        "worker": claim["worker"],
        "outcome": outcome,
        "data": base64.b64encode(data).decode(),
        "stdout": _text(printed[0]),
        "stderr": _text(printed[1]),
    }
    try:
        link.put_patiently("outcome", end, patience_s=how["patience_s"])
    except Refused:
        return {"status": "refused"}
    except OSError:
        return {"status": "untold", **end}
    finally:
        link.close()
    return {"status": "told"}


def _text(printed: io.StringIO) -> str:
    """Give what was printed, the last of it where it is long."""
    return printed.getvalue()[-_MOST_OUTPUT:].encode("utf-8", "replace").decode()
