"""Tells the server what a function says of itself, from a thread of its own. Standard library only: workers have it.

What is said is sent at once, and what is said while a request is on its way goes together in the next: the newest value
only. A server that is away is no trouble of the function's: what was to be told waits for it, and at the function's end goes
to the spool (HEADWAY_SPOOL), if there is one. ``headway.sdk.worker`` is for programs: it is slower to tell, and has a thread
for each job of a process.
"""

import http
import http.client
import json
import math
import os
import signal
import threading
import time
from collections.abc import Mapping
from typing import Any, Final

from headway.executors.functions import spooling
from headway.executors.functions.posting import Line

_CAP_S: Final = 2.0
_REST_S: Final = 0.01  #: between two requests
_AWAY_S: Final = 1.0  #: after one that failed
_TEXT_CHARACTERS: Final = 1000
_KEY_CHARACTERS: Final = 200
_MOST_COUNTERS: Final = 1000
_LARGEST: Final = 1e300
_EXACT_INTEGER: Final = 1 << 53
_WORKER: Final = "main"


class _Reporter:
    """What is still to be told, and the thread that does. The newest attempt's only: a worker runs one at a time."""

    def __init__(self) -> None:
        self.pid = os.getpid()
        self._changed = threading.Condition()
        self._environment: Mapping[str, str] = {}
        self._body: dict[str, Any] = {}
        self._sending: dict[str, Any] = {}
        self._failures = 0
        self._not_before = 0.0
        self._line = Line(_CAP_S)
        threading.Thread(target=self._serve, name="headway-reports", daemon=True).start()

    def tell(self, environment: Mapping[str, str], body: Mapping[str, Any]) -> None:
        """Have something told, with what waits to be."""
        with self._changed:
            if environment is not self._environment:
                self._environment, self._body, self._sending = environment, {}, {}
            self._body = _merged(self._body, body)
            self._changed.notify_all()

    def flush(self, limit_s: float) -> bool:
        """Wait until all is told, or else spool it; tells whether it is told or kept."""
        until = time.monotonic() + limit_s
        with self._changed:
            self._not_before = 0.0
            failures = self._failures
            self._changed.notify_all()
            while self._body or self._sending:
                left_s = until - time.monotonic()
                if left_s <= 0 or self._failures != failures:
                    # Of what is on its way nobody knows whether it came: it is the same to say it twice.
                    body = _merged(self._sending, self._body)
                    self._body, self._sending = {}, {}
                    return _spooled(self._environment, body)
                self._changed.wait(left_s)
        return True

    def _serve(self) -> None:
        # Signals are for the function's own thread.
        signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
        while True:
            environment, body = self._next()
            told = self._send(environment, body)
            with self._changed:
                if not told:
                    self._failures += 1
                    self._not_before = time.monotonic() + _AWAY_S
                    if self._sending is body:  # else it is spooled, or of a function that is over
                        self._body = _merged(body, self._body)
                if self._sending is body:
                    self._sending = {}
                self._changed.notify_all()
            time.sleep(_REST_S)

    def _next(self) -> tuple[Mapping[str, str], dict[str, Any]]:
        with self._changed:
            while True:
                wait_s = self._not_before - time.monotonic()
                if self._body and wait_s <= 0:
                    break
                self._changed.wait(wait_s if self._body else None)
            body, self._body = self._body, {}
            self._sending = body
            return self._environment, body

    def _send(self, environment: Mapping[str, str], body: dict[str, Any]) -> bool:
        url, job = environment.get("HEADWAY_URL", ""), environment.get("HEADWAY_JOB_ID", "")
        if not url or not job:
            return True
        headers = {
            "Content-Type": "application/json",
            "Authorization": f"Bearer {environment.get('HEADWAY_REPORT_TOKEN', '')}",
        }
        try:
            status = self._line.post(
                url, f"/api/v1/jobs/{job}/report", headers, json.dumps(body).encode()
            )
        except (OSError, http.client.HTTPException, ValueError):
            return False
        # What it refuses it will refuse again.
        return status < http.HTTPStatus.INTERNAL_SERVER_ERROR


def _merged(older: Mapping[str, Any], newer: Mapping[str, Any]) -> dict[str, Any]:
    """Give one report that says what both say: of each thing the newer value."""
    merged = {**older, **newer}
    counters = {**older.get("counters", {}), **newer.get("counters", {})}
    if counters:
        merged["counters"] = dict(list(counters.items())[:_MOST_COUNTERS])
    return merged


def _spooled(environment: Mapping[str, str], body: Mapping[str, Any]) -> bool:
    directory, job = environment.get("HEADWAY_SPOOL", ""), environment.get("HEADWAY_JOB_ID", "")
    return bool(directory and job) and spooling.keep(directory, job, body)


_reporters: Final[list[_Reporter]] = []


def threads() -> int:
    """Tell how many threads of this process are ours."""
    return len(_reporters)


def tell(
    environment: Mapping[str, str],
    *,
    status_text: str | None = None,
    progress: tuple[object, object, object] | None = None,
    counters: Mapping[str, Any] | None = None,
) -> None:
    """Have something told of the job of this environment (HEADWAY_URL, HEADWAY_JOB_ID, HEADWAY_REPORT_TOKEN)."""
    body: dict[str, Any] = {}
    if status_text is not None:
        body["status_text"] = _text(status_text)
    if progress is not None:
        worker = _worker(*progress)
        if worker is not None:
            body["workers"] = [worker]
    if counters:
        said = {
            _text(key)[:_KEY_CHARACTERS] or "?": _counter(each) for key, each in counters.items()
        }
        body["counters"] = {key: value for key, value in said.items() if value is not _NONE}
    if body:
        _reporter().tell(environment, body)


def flush(limit_s: float) -> bool:
    """Wait until all is told; see ``_Reporter.flush``."""
    return not _reporters or _reporters[0].pid != os.getpid() or _reporters[0].flush(limit_s)


def _reporter() -> _Reporter:
    if not _reporters or _reporters[0].pid != os.getpid():
        _reporters[:] = [_Reporter()]
    return _reporters[0]


_NONE: Final = object()


def _counter(value: object) -> object:
    """Give a counter's value as JSON can say it; ``_NONE`` when it cannot."""
    if isinstance(value, list | tuple) and len(value) == 2:  # noqa: PLR2004 -- a value and its colour
        bare, colour = value
        said = _counter(bare)
        return _NONE if said is _NONE else [said, None if colour is None else _text(colour)]
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _text(value)
    number = _number(value)
    return _NONE if number is None else number


def _worker(current: object, total: object, desc: object) -> dict[str, Any] | None:
    number = _number(current)
    if number is None:
        return None
    worker: dict[str, Any] = {"id": _WORKER, "current": number, "ok": True, "desc": _text(desc)}
    whole = None if total is None else _number(total)
    return worker if whole is None else {**worker, "total": whole}


def _number(value: object) -> int | float | None:
    if type(value) is int and -_EXACT_INTEGER <= value <= _EXACT_INTEGER:
        return value
    try:
        number = float(value)  # type: ignore[arg-type]  # what is no number raises
    except Exception:  # noqa: BLE001 -- the value is the job's, and so is what it does
        return None
    return number if math.isfinite(number) and abs(number) <= _LARGEST else None


def _text(value: object) -> str:
    try:
        text = str(value)
    except Exception:  # noqa: BLE001 -- see above
        return "?"
    return text[:_TEXT_CHARACTERS].encode("utf-8", "replace").decode()
