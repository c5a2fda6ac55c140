#!/usr/bin/env python3
# mypy: disable-error-code="explicit-override"
# (typing.override is Python 3.12's)
"""Tell a Headway server how far a job is, without ever hurting the job.

One file, the standard library only, Python 3.6 and newer: import it as ``headway.sdk.worker``, or copy it beside a
script as ``headway_worker.py`` (a server hands it out at ``/worker.py``)::

    from headway_worker import progress, counters, status

    for item in progress(items, desc="flagging"):
        ...
    with progress(total=100, worker="w1") as bar:
        bar.update(1)
    counters({"events": 12000})
    status("calibrating")

Where to report is found in the job's environment (HEADWAY_URL, HEADWAY_JOB_ID, HEADWAY_REPORT_TOKEN, HEADWAY_SPOOL),
or said as a progress name: ``progress(items, job="myjob123", url="http://host:9998")``. With neither, nothing is sent.
``python headway_worker.py run -- CMD`` runs a command, reports its bar and its true end, and exits as it did.

What a job can rely on: no call raises because of reporting, waits for the network or writes to stdout or stderr
(HEADWAY_DEBUG=1 writes the reasons for silence to stderr). A background thread looks at the bars once a second and
sends what changed, the newest value only. A request that has not ended after 2 s is given up; what it held is appended
to a file in HEADWAY_SPOOL, which the server reads. The end of the process waits at most 2 s for the last report.
"""

import argparse
import atexit
import collections
import contextlib
import errno
import fcntl
import http
import http.client
import json
import math
import os
import pty
import queue
import re
import resource
import select
import signal
import socket
import stat
import struct
import subprocess
import sys
import termios
import threading
import time
import urllib.parse
import warnings
import weakref
from typing import (
    Any,
    Callable,
    Dict,
    Generic,
    Iterable,
    Iterator,
    List,
    NamedTuple,
    Optional,
    Sequence,
    Tuple,
    TypeVar,
    Union,
    overload,
)

__all__ = ["Bar", "counters", "flush", "main", "progress", "run", "status"]

T = TypeVar("T")
Number = Union[int, float]

_TICK_S = 1.0  # a bar is asked for at most once in this time
_SOON_S = 0.25  # a new or ended bar need not wait for the next tick, only this long after the last request
_IDLE_S = 5.0
_CAP_S = 2.0  # no request lives longer, name resolution and connecting included
_EXIT_S = 2.0
_SPOOLING_S = 0.5  # of the exit's time, kept for writing to the spool
_LONGEST_WAIT_S = 60.0  # between tries while the server is away
_LONGEST_ASKED_S = 3600.0
_PENDING_COUNT = 1000
_REPORTS_A_REQUEST = 100
_ANSWER_BYTES = 65536
_SPOOL_BYTES = 1 << 20
_TEXT_CHARACTERS = 1000
_EXACT_INTEGER = 1 << 53
_LARGEST = 1e300
_KEY_CHARACTERS = 200
_LOOKED_BACK_S = 3.0  # after a loop was left, in an interpreter that goes on
_ERRORS_DEEP = 20
_GENERATORS_DEEP = 20
_GENERATOR = 0x20  # inspect.CO_GENERATOR
_COLOUR = re.compile("#[0-9a-fA-F]{3,8}|[a-zA-Z]{1,30}")
_at_fork: Any = getattr(os, "register_at_fork", None)
_NO_FORK_HOOK = _at_fork is None  # Python 3.6: compare process ids instead
_REFUSED = (400, 413, 422)  # the same body would be refused again

# (world size, rank): a size of 1, or none of them, means there is no rank to speak of.
_RANKS = (
    ("OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK"),
    ("PMI_SIZE", "PMI_RANK"),
    ("PMIX_SIZE", "PMIX_RANK"),
    ("SLURM_NTASKS", "SLURM_PROCID"),
)


def _debug(text: str) -> None:
    if os.environ.get("HEADWAY_DEBUG"):
        with contextlib.suppress(Exception):
            sys.stderr.write("headway: %s\n" % text)


# --- values -----------------------------------------------------------------------------------------------------------


class Raw(NamedTuple):
    """What a bar holds: whatever the job put there."""

    current: Any
    total: Any
    ok: Any
    desc: Any


def _number(value: Any) -> Optional[Number]:
    """Give a finite number that JSON can say, or None."""
    try:
        if type(value) is int and -_EXACT_INTEGER <= value <= _EXACT_INTEGER:
            return value
        number = float(value)
    except Exception:
        return None
    return number if -_LARGEST <= number <= _LARGEST else None


def _text(value: Any) -> str:
    return str(value)[:_TEXT_CHARACTERS].encode("utf-8", "replace").decode("utf-8")


def _instant(ago_s: float = 0.0) -> str:
    """Give an instant as RFC 3339 in UTC with microseconds."""
    now = time.time() - ago_s
    return "%s.%06dZ" % (time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now)), now % 1 * 1000000)


def _report(worker: str, raw: Raw, at: str) -> Optional[Dict[str, Any]]:
    """Give a worker's entry of a report, or None when its current value is no number."""
    current = _number(raw.current)
    if current is None:
        return None
    report = {
        "id": worker,
        "current": current,
        "ok": bool(raw.ok),
        "desc": _text(raw.desc),
        "at": at,
    }
    total = None if raw.total is None else _number(raw.total)
    if total is not None:
        report["total"] = total
    return report


def _counter(value: Any) -> Any:
    """Give a counter's value as JSON can say it.

    Raises:
        ValueError: it is neither a number, a text, None, nor one of these with a colour.
    """
    if isinstance(value, (list, tuple)):
        bare, colour = value
        if colour is not None and not _COLOUR.fullmatch(colour):
            raise ValueError("not a colour: %r" % (colour,))
        return [_counter(bare), colour]
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _text(value)
    number = _number(value)
    if number is None:
        raise ValueError("neither a number nor a text: %r" % (value,))
    return number


def _json(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":"), allow_nan=False).encode("ascii")


def _rank() -> Optional[str]:
    """Give the process's rank among its job's processes; None when it is the only one."""
    rank = None
    for size_name, rank_name in _RANKS:
        if rank_name in os.environ:
            rank = None if os.environ.get(size_name) == "1" else os.environ[rank_name]
            break
    element = os.environ.get("SLURM_ARRAY_TASK_ID")
    if element is not None:
        # In a batch script the procid is 0 in every element, so the element has to be part of the name.
        return element if rank is None else element + "." + rank
    return rank


def _child_name() -> Optional[str]:
    """Give multiprocessing's name of this process; None in a process that is not its child."""
    module = sys.modules.get("multiprocessing.process")
    name = module.current_process().name if module is not None else "MainProcess"
    return None if name == "MainProcess" else str(name)


def _worker_name() -> str:
    """Give the worker id of a bar that was given none."""
    named = os.environ.get("HEADWAY_WORKER")
    parts = [part for part in (named or _rank(), _child_name()) if part]
    return _text(".".join(parts)) or "main"


# --- loops that an exception ended ------------------------------------------------------------------------------------

# A loop tells an iterator that it was left, but not whether by a break or by an exception. What is known later is which
# exception nobody caught, and by which instructions it came: a loop that was left at one of these was ended by it.
_Place = Tuple[Any, int]  # a code object, and an instruction of it


def _places_of(frame: Any) -> List[_Place]:
    """Give where a frame is, and if it is a generator's, where what runs it is."""
    places: List[_Place] = []
    while frame is not None and len(places) < _GENERATORS_DEEP:
        places.append((frame.f_code, frame.f_lasti))
        if not frame.f_code.co_flags & _GENERATOR:
            break
        frame = frame.f_back
    return places


def _uncaught() -> Optional[BaseException]:
    error: Optional[BaseException] = getattr(sys, "last_value", None)
    return error


def _places_uncaught() -> List[_Place]:
    """Give the instructions by which the exception came that ended the program, or an interactive command; none without one."""
    error = _uncaught()
    places: List[_Place] = []
    for _ in range(_ERRORS_DEEP):
        if error is None:
            break
        traceback = error.__traceback__
        while traceback is not None:
            places.append((traceback.tb_frame.f_code, traceback.tb_lasti))
            traceback = traceback.tb_next
        error = error.__cause__ if error.__cause__ is not None else error.__context__
    return places


# --- requests ---------------------------------------------------------------------------------------------------------


class _Answer(NamedTuple):
    status: int
    next_report: Optional[str]
    retry_after: Optional[str]
    body: bytes

    @property
    def taken(self) -> bool:
        return http.HTTPStatus.OK <= self.status < http.HTTPStatus.MULTIPLE_CHOICES

    def document(self) -> Dict[str, Any]:
        try:
            document = json.loads(self.body.decode("utf-8"))
        except Exception:  # RecursionError among them: whatever a server says
            return {}
        return document if isinstance(document, dict) else {}

    def wait_s(self) -> float:
        """Seconds for which the server asks to be left alone; 0 when it does not say."""
        said = self.document().get("next_report_s") if self.taken else None
        for word in (said, self.next_report, self.retry_after):
            seconds = _number(word) if word is not None else None
            if seconds is not None and seconds > 0:
                return min(float(seconds), _LONGEST_ASKED_S)
        return 0.0


class _Order:
    """One request under way. ``abandoned`` tells the sender that nobody waits for the answer any more."""

    def __init__(
        self, method: str, path: str, headers: Dict[str, str], body: Optional[bytes] = None
    ) -> None:
        self.method = method
        self.path = path
        self.headers = headers
        self.body = body
        self.done = threading.Event()
        self.answer: Optional[_Answer] = None
        self.abandoned = False


def _is_loopback(host: str) -> bool:
    return host in ("localhost", "::1") or host.startswith("127.")


def _proxy_of(scheme: str, host: str) -> Optional[Tuple[str, int]]:
    """Give the proxy that the environment names for a host; none for loopback."""
    if _is_loopback(host):
        return None
    for suffix in (os.environ.get("no_proxy") or os.environ.get("NO_PROXY") or "").split(","):
        name = suffix.strip().lstrip(".")
        if name and (name in ("*", host) or host.endswith("." + name)):
            return None
    # HTTP_PROXY in capitals may be a request header of a CGI job (CVE-2016-5385), so only https has that spelling.
    named = os.environ.get(scheme + "_proxy") or (
        os.environ.get("HTTPS_PROXY") if scheme == "https" else None
    )
    parts = urllib.parse.urlsplit(named or "")
    return (parts.hostname, parts.port or 80) if parts.hostname else None


class _Sender:
    """A thread that does everything that may block: resolving, connecting, sending, reading.

    Whoever waits for it can stop waiting. While it is stuck in an abandoned request it takes no other.
    """

    def __init__(self, url: str) -> None:
        parts = urllib.parse.urlsplit(url)
        self._scheme = parts.scheme
        self._host = parts.hostname or ""
        self._port = parts.port
        self._connection: Optional[http.client.HTTPConnection] = None
        self._prefix = ""
        self._orders: "queue.Queue[_Order]" = queue.Queue()
        self._last: Optional[_Order] = None

    def start(self) -> None:
        threading.Thread(target=self._serve, name="headway-send", daemon=True).start()

    def ask(self, order: _Order, deadline: Callable[[], float]) -> Optional[_Answer]:
        """Carry out an order; None when it failed or ``deadline()``, asked again and again, has passed."""
        if self._last is not None and not self._wait(self._last, deadline):
            return None
        self._last = order
        self._orders.put(order)
        if not self._wait(order, deadline):
            order.abandoned = True
            self._interrupt()
            return None
        return order.answer

    def forget(self) -> None:
        """Close this process's copy of the connection without a word to the server (after a fork)."""
        sock = getattr(self._connection, "sock", None)
        if sock is not None:
            with contextlib.suppress(Exception):
                os.close(sock.detach())

    @staticmethod
    def _wait(order: _Order, deadline: Callable[[], float]) -> bool:
        while not order.done.wait(min(0.1, max(0.0, deadline() - time.monotonic()))):
            if time.monotonic() >= deadline():
                return False
        return True

    def _interrupt(self) -> None:
        sock = getattr(self._connection, "sock", None)
        if sock is not None:
            with contextlib.suppress(Exception):
                sock.shutdown(socket.SHUT_RDWR)

    def _serve(self) -> None:
        _leave_signals_to_the_job()
        while True:
            order = self._orders.get()
            try:
                order.answer = self._exchange(order)
            except Exception as error:
                _debug("%s %s: %r" % (order.method, order.path.partition("?")[0], error))
                self._hang_up()
            finally:
                order.done.set()

    def _exchange(self, order: _Order) -> _Answer:
        response = None
        if self._connection is not None:
            # A kept connection may have been closed meanwhile; a report may be said twice.
            try:
                response = self._send(self._connection, order)
            except (OSError, http.client.HTTPException):
                self._hang_up()
                if order.abandoned:
                    raise
        if response is None:
            self._connection = self._dial()
            response = self._send(self._connection, order)
        answer = _Answer(
            status=response.status,
            next_report=response.getheader("Headway-Next-Report"),
            retry_after=response.getheader("Retry-After"),
            body=response.read(_ANSWER_BYTES),
        )
        if response.read(1) or order.abandoned or response.will_close:
            self._hang_up()
        return answer

    def _send(
        self, connection: http.client.HTTPConnection, order: _Order
    ) -> http.client.HTTPResponse:
        connection.request(
            order.method, self._prefix + order.path, body=order.body, headers=order.headers
        )
        return connection.getresponse()

    def _dial(self) -> http.client.HTTPConnection:
        proxy = _proxy_of(self._scheme, self._host)
        host, port = proxy or (self._host, self._port)
        if self._scheme == "https":
            connection = http.client.HTTPSConnection(host, port, timeout=_CAP_S)
            if proxy:
                connection.set_tunnel(self._host, self._port)
            return connection
        if self._scheme != "http" or not self._host:
            raise ValueError("not an http address: %s://%s" % (self._scheme, self._host))
        if proxy:
            self._prefix = "http://%s:%d" % (self._host, self._port or 80)
        return http.client.HTTPConnection(host, port, timeout=_CAP_S)

    def _hang_up(self) -> None:
        if self._connection is not None:
            with contextlib.suppress(Exception):
                self._connection.close()
        self._connection = None


def _leave_signals_to_the_job() -> None:
    """Block signals in this thread, so that the kernel gives none of the job's to it."""
    names = (
        "HUP",
        "INT",
        "QUIT",
        "USR1",
        "USR2",
        "ALRM",
        "TERM",
        "CHLD",
        "CONT",
        "TSTP",
        "WINCH",
        "XCPU",
        "IO",
        "URG",
    )
    numbers = [getattr(signal, "SIG" + name) for name in names if hasattr(signal, "SIG" + name)]
    with contextlib.suppress(Exception):
        signal.pthread_sigmask(signal.SIG_BLOCK, numbers)


# --- where to report --------------------------------------------------------------------------------------------------


class _Batch:
    """What waits to be sent: by worker the newest report, by key the newest counter; the oldest goes when it is full."""

    def __init__(self) -> None:
        self.workers: "collections.OrderedDict[str, Dict[str, Any]]" = collections.OrderedDict()
        self.counters: Dict[str, Any] = {}
        self.status_text: Optional[str] = None
        self.finish: Optional[Dict[str, Any]] = None

    def __bool__(self) -> bool:
        return bool(self.workers or self.counters or self.status_text is not None or self.finish)

    def body(self) -> Dict[str, Any]:
        body: Dict[str, Any] = {}
        if self.workers:
            body["workers"] = list(self.workers.values())
        if self.counters:
            body["counters"] = self.counters
        if self.status_text is not None:
            body["status_text"] = self.status_text
        return body

    def part(self, workers: Sequence[str], *, rest: bool) -> "_Batch":
        part = _Batch()
        part.workers.update((worker, self.workers[worker]) for worker in workers)
        if rest:
            part.counters = dict(self.counters)
            part.status_text = self.status_text
        return part

    def add(self, report: Dict[str, Any]) -> None:
        self.workers.pop(report["id"], None)
        self.workers[report["id"]] = report
        if len(self.workers) > _PENDING_COUNT:
            self.workers.popitem(last=False)

    def drop(self, part: "_Batch") -> None:
        """Forget what ``part`` holds."""
        for worker in part.workers:
            self.workers.pop(worker, None)
        for key in part.counters:
            self.counters.pop(key, None)
        if part.status_text is not None:
            self.status_text = None
        if part.finish is not None:
            self.finish = None


class Door:
    """Where a process reports. ``key`` is equal for two doors to the same place."""

    key: Tuple[str, ...] = ()
    url = ""

    def opening(self) -> Optional[_Order]:
        """Give the request that has to succeed before any other, if there is one."""
        return None

    def opened(self, answer: _Answer) -> None:
        """Take the answer to ``opening()``, also one that refuses it."""

    def tried(self) -> None:
        """Be told that an opening was tried, whatever came of it."""

    def parcels(self, batch: _Batch) -> Iterator[Tuple[_Order, _Batch]]:
        """Give the requests that say what a batch holds, and which part of it each says."""
        del batch
        return iter(())

    def spool(self, batch: _Batch) -> bool:
        """Write what a batch holds where the server will find it; False when there is no such place."""
        return not batch


class _JobDoor(Door):
    """The native protocol, with a job's id and its report token."""

    def __init__(
        self, url: str, job: Optional[str], token: Optional[str], spool: Optional[str]
    ) -> None:
        self.url = url
        self.job = job
        self.token = token
        self.spool_directory = spool
        self._prefix = urllib.parse.urlsplit(url).path.rstrip("/") + "/api/v1/jobs"
        self.key = ("job", url, job or "", token or "", spool or "")

    def parcels(self, batch: _Batch) -> Iterator[Tuple[_Order, _Batch]]:
        if self.job is None:
            return
        path = "%s/%s" % (self._prefix, urllib.parse.quote(self.job, safe=""))
        workers = list(batch.workers)
        for start in range(0, max(1, len(workers)), _REPORTS_A_REQUEST):
            part = batch.part(workers[start : start + _REPORTS_A_REQUEST], rest=start == 0)
            if part:
                yield self._post(path + "/report", part.body()), part
        if batch.finish is not None:
            part = _Batch()
            part.finish = batch.finish
            yield self._post(path + "/finish", batch.finish), part

    def spool(self, batch: _Batch) -> bool:
        if not self.spool_directory or not batch:
            return not batch
        line = self._line(batch)
        line["body"] = batch.body()
        if batch.finish is not None:
            line["finish"] = batch.finish
        limit = _SPOOL_BYTES if batch.finish is None else 2 * _SPOOL_BYTES
        return _append(self.spool_directory, self._spool_name(), _json(line) + b"\n", limit)

    def _line(self, _batch: _Batch) -> Dict[str, Any]:
        return {"v": 1, "job": self.job, "token": self.token, "at": _instant()}

    def _spool_name(self) -> str:
        return self.job or "unknown"

    def _post(self, path: str, document: Dict[str, Any]) -> _Order:
        headers = {"Content-Type": "application/json", "User-Agent": "headway-worker"}
        if self.token:
            headers["Authorization"] = "Bearer " + self.token
        return _Order("POST", path, headers, _json(document))


class _NameDoor(Door):
    """The progress protocol: one GET a bar, under a progress name. It has no counters, no status and no spool."""

    def __init__(self, url: str, query: Sequence[Tuple[str, str]]) -> None:
        self.url = url
        self._query = list(query)
        self.key = ("name", url, *("=".join(pair) for pair in query))

    def parcels(self, batch: _Batch) -> Iterator[Tuple[_Order, _Batch]]:
        path = urllib.parse.urlsplit(self.url).path
        for worker, report in list(batch.workers.items()):
            pairs = [*self._query, ("workid", worker), ("current", str(report["current"]))]
            if "total" in report:
                pairs.append(("total", str(report["total"])))
            pairs += [("ok", "1" if report["ok"] else "0"), ("desc", report["desc"])]
            query = urllib.parse.urlencode(pairs)
            yield (
                _Order("GET", path + "?" + query, {"User-Agent": "headway-worker"}),
                batch.part([worker], rest=False),
            )


def _append(directory: str, name: str, line: bytes, limit_bytes: int) -> bool:
    """Append one line to a process's own spool file, whole or not at all; False when it could not be kept."""
    host = socket.gethostname()
    file_name = "%s.%s.%d.jsonl" % (
        re.sub(r"[^A-Za-z0-9_-]", "_", name),
        re.sub(r"[^A-Za-z0-9_-]", "_", host),
        os.getpid(),
    )
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
    try:
        fd = os.open(os.path.join(directory, file_name), flags, 0o600)
        try:
            size = os.fstat(fd).st_size
            if size + len(line) > limit_bytes:
                return False
            if os.write(fd, line) == len(line):
                return True
            # The disk filled up inside the line. The file is this process's own, so nobody wrote behind it.
            os.ftruncate(fd, size)
            return False
        finally:
            os.close(fd)
    except OSError as error:
        _debug("spool: %r" % error)
        return False


def _address(url: str) -> str:
    """Give a server's address as it may be written: without a scheme it is http."""
    return url.strip() if "://" in url else "http://" + url.strip()


def _job_door() -> Optional[_JobDoor]:
    """Give the door of the job this process runs in; None outside a job."""
    url, job = os.environ.get("HEADWAY_URL"), os.environ.get("HEADWAY_JOB_ID")
    if not url or not job:
        return None
    url = _address(url)
    token = os.environ.get("HEADWAY_REPORT_TOKEN") or os.environ.get("HEADWAY_TOKEN")
    return _JobDoor(url, job, token, os.environ.get("HEADWAY_SPOOL"))


def find_door(job: Any, url: Optional[str], update_url: Optional[str]) -> Optional[Door]:
    if update_url:
        parts = urllib.parse.urlsplit(update_url)
        address = urllib.parse.urlunsplit((parts.scheme, parts.netloc, parts.path, "", ""))
        return _NameDoor(address, urllib.parse.parse_qsl(parts.query, keep_blank_values=True))
    if job is not None:
        base = url or os.environ.get("HEADWAY_URL")
        return (
            _NameDoor(_address(base).rstrip("/") + "/progress/update", [("jobid", str(job))])
            if base
            else None
        )
    return _job_door()


# --- the thread that reports ------------------------------------------------------------------------------------------


class _Reporter:
    """Looks at a process's bars and sends what changed. One for each door of a process.

    The job's threads only touch it through operations that are atomic in Python (dict and deque items), so that a
    signal handler, a destructor or a fork at any instant finds no lock held.
    """

    def __init__(self, door: Door) -> None:
        self.door = door
        self.pid = os.getpid()
        self.claims: Dict[str, int] = {}
        self.counters: Dict[str, Any] = {}
        self.status: Dict[str, str] = {}
        self.finish: Dict[str, Dict[str, Any]] = {}
        self._bars: "Dict[int, weakref.ref[Bar[Any]]]" = {}
        self._ended: "collections.deque[Tuple[str, Raw, Optional[Raw], str]]" = collections.deque(
            maxlen=_PENDING_COUNT
        )
        self._left: Dict[str, Tuple[List[_Place], Raw]] = {}  # worker: where its loop was left
        self._looking_until = float("-inf")
        self._flushes: "collections.deque[Tuple[threading.Event, float]]" = collections.deque()
        self._wake = threading.Event()
        self._soon = False
        self._batch = _Batch()
        self._asked_at: Dict[str, float] = {}  # worker: when it was last in a request
        self._last_tick = float("-inf")
        self._not_before = float("-inf")
        self._failures = 0
        self._sender = _Sender(door.url)
        self._alive = False
        self._has_ended = False

    def start(self) -> None:
        """Start the threads; without them (no more threads, end of the interpreter) only the spool is left."""
        try:
            self._sender.start()
            threading.Thread(target=self._serve, name="headway-report", daemon=True).start()
            self._alive = True
        except RuntimeError as error:
            _debug("no thread: %s" % error)

    def poke(self) -> None:
        """Have a look soon."""
        self._soon = True
        self._wake.set()

    def watch(self, bar: "Bar[Any]", worker: str, *, claim: bool) -> str:
        """Look at a bar from now on; give the worker id it reports under."""
        name, number = worker, 2
        while claim and self.claims.setdefault(name, id(bar)) != id(bar):
            name, number = "%s.%d" % (worker, number), number + 1
        self._bars[id(bar)] = weakref.ref(bar)
        self._left.pop(name, None)
        self.poke()
        return name

    def unwatch(self, bar: "Bar[Any]", worker: str) -> None:
        """Take a bar's last values and look at it no more. Called by destructors too: it takes no lock."""
        self._bars.pop(id(bar), None)
        raw = bar.raw()
        self._ended.append((worker, raw, bar._sent, bar._at or _instant()))
        if self.claims.get(worker) == id(bar):
            self.claims.pop(worker, None)
        if bar._left and len(self._left) < _PENDING_COUNT:
            self._left[worker] = (bar._left, raw)
            self._looking_until = time.monotonic() + _LOOKED_BACK_S

    def bars(self) -> "List[Bar[Any]]":
        found = [reference() for reference in list(self._bars.values())]
        return [bar for bar in found if bar is not None]

    def flush(self, until: float) -> bool:
        """Wait until everything known now is sent or spooled; False when ``until`` came first."""
        if not self._alive:
            self._collect(time.monotonic())
            return self._spool()
        done = threading.Event()
        self._flushes.append((done, until))
        self._wake.set()
        return done.wait(max(0.0, until - time.monotonic())) and not self._batch

    def forget(self) -> None:
        """Let go of what a child must not share with its parent."""
        for bar in self.bars():
            bar._inherit()
        self._sender.forget()

    def _serve(self) -> None:
        _leave_signals_to_the_job()
        while True:
            try:
                self._turn()
            except Exception as error:
                _debug("reporter: %r" % error)
                self._wake.wait(_TICK_S)

    def _turn(self) -> None:
        while self._flushes:
            done = self._flushes[0][0]
            try:
                self._tick(time.monotonic(), flushing=True)
            except Exception:
                self._spool()
                raise
            finally:
                self._flushes.popleft()
                done.set()
        wait_s = self._wait_s()
        if wait_s > 0:
            self._wake.wait(wait_s)
            self._wake.clear()
            return
        self._soon = False
        self._last_tick = time.monotonic()
        self._tick(self._last_tick, flushing=False)

    def _wait_s(self) -> float:
        if not (
            self._bars
            or self._batch
            or self._ended
            or self.counters
            or self.status
            or self.door.opening()
            or time.monotonic() < self._looking_until
        ):
            return _IDLE_S
        gap_s = _SOON_S if self._soon else _TICK_S
        return self._last_tick + gap_s - time.monotonic()

    def _tick(self, now: float, *, flushing: bool) -> None:
        self._collect(now)
        if flushing:
            # A server that was away a moment ago would use up the exit's time: the spool is sure and quick.
            if not (self._failures and self._spool()):
                self._deliver(now, everything=True)
        elif now >= self._not_before:
            self._deliver(now, everything=False)
        elif self._failures and self._has_ended:
            self._spool()

    def _collect(self, now: float) -> None:
        at = _instant()
        self._has_ended = bool(self._ended)
        while self._ended:
            self._take(*self._ended.popleft())
        for bar in self.bars():
            raw, sent = bar.raw(), bar._sent
            bar._sent = raw
            self._take(bar._worker, raw, sent, bar._at or at)
        if self._left:
            self._look_back(at)
        for key in list(self.counters):
            self._batch.counters[key] = self.counters.pop(key)
        if self.status:
            self._batch.status_text = self.status.pop("text")
        if self.finish:
            self._batch.finish = self.finish.pop("record")
        for worker in [
            worker for worker, asked_at in self._asked_at.items() if now - asked_at >= _TICK_S
        ]:
            del self._asked_at[worker]

    def _take(self, worker: str, raw: Raw, sent: Optional[Raw], at: str) -> None:
        """Put a bar's values into the batch, unless they were there before."""
        try:
            report = None if raw == sent else _report(worker, raw, at)
        except (
            Exception
        ) as error:  # the values are the job's, and so is what comparing or naming them does
            _debug("worker %s: %r" % (worker, error))
            return
        if report is not None:
            self._batch.add(report)

    def _look_back(self, at: str) -> None:
        """Call those workers' loops a problem that were left by an exception which nobody caught."""
        try:
            places = _places_uncaught()
            for worker, (left, raw) in list(self._left.items()):
                if any(place in places for place in left):
                    del self._left[worker]
                    self._take(worker, raw._replace(ok=False), None, at)
        except Exception as error:  # an exception is the job's: it may be of any class
            _debug("looking back: %r" % error)

    def give_up(self) -> None:
        """Call bars a problem that an exception left open on their way, when it has ended the program."""
        for bar in self.bars():
            raw = bar.raw()
            current, total = _number(raw.current), _number(raw.total)
            if current is not None and total is not None and current < total:
                bar.ok = False

    def _due(self, *, everything: bool) -> _Batch:
        """Give what may be sent now: no worker twice within a second."""
        due = self._batch.part(
            [
                worker
                for worker in self._batch.workers
                if everything or worker not in self._asked_at
            ],
            rest=True,
        )
        due.finish = self._batch.finish
        return due

    def _deliver(self, now: float, *, everything: bool) -> None:
        opening = self.door.opening()
        if opening is not None:
            answer = self._ask(opening)
            if answer is not None:
                self.door.opened(answer)
            self.door.tried()
            if self.door.opening() is not None:
                self._fail(answer)
                return
        for order, part in self.door.parcels(self._due(everything=everything)):
            for worker in part.workers:
                self._asked_at[worker] = now
            answer = self._ask(order)
            if answer is None or not answer.taken:
                self._fail(answer)
                if answer is not None and answer.status in _REFUSED:
                    self._batch.drop(part)
                return
            self._batch.drop(part)
            self._failures = 0
            asked_s = answer.wait_s()
            self._not_before = now + asked_s if asked_s > _TICK_S else now

    def _ask(self, order: _Order) -> Optional[_Answer]:
        cap = time.monotonic() + _CAP_S

        def deadline() -> float:
            return min([cap] + [until - _SPOOLING_S for _, until in list(self._flushes)])

        return self._sender.ask(order, deadline)

    def _fail(self, answer: Optional[_Answer]) -> None:
        self._failures += 1
        wait_s = min(_LONGEST_WAIT_S, 2.0 ** min(self._failures, 10))
        if answer is not None:
            _debug("the server answered %d" % answer.status)
            wait_s = max(wait_s, answer.wait_s())
        self._not_before = time.monotonic() + wait_s
        self._spool()

    def _spool(self) -> bool:
        kept = self.door.spool(self._batch)
        if kept:
            self._batch = _Batch()
        return kept


_reporters: Dict[Tuple[str, ...], _Reporter] = {}
_hooked_pid: List[int] = []  # the processes in which the hooks for exit and fork are set


def _reporter_of(door: Door) -> _Reporter:
    """Give this process's reporter for a door, started."""
    reporter = _reporters.get(door.key)
    if reporter is not None and reporter.pid != os.getpid():
        _after_fork()
        reporter = None
    if reporter is None:
        fresh = _Reporter(door)
        reporter = _reporters.setdefault(door.key, fresh)
        if reporter is fresh:
            _set_hooks()
            reporter.start()
    return reporter


def _set_hooks() -> None:
    if os.getpid() in _hooked_pid:
        return
    if not _hooked_pid and not _NO_FORK_HOOK:
        _at_fork(after_in_child=_after_fork)
    _hooked_pid.append(os.getpid())
    with contextlib.suppress(Exception):
        atexit.register(_flush_at_exit)
    util = sys.modules.get("multiprocessing.util")
    if util is not None and _child_name() is not None:
        # Before Python 3.13 a forked child of multiprocessing ends without atexit.
        with contextlib.suppress(Exception):
            util.Finalize(None, _flush_at_exit, exitpriority=0)


def _after_fork() -> None:
    """Begin anew in a child: its bars report under names of their own, by threads of its own."""
    parents = list(_reporters.values())
    _reporters.clear()
    for reporter in parents:
        with contextlib.suppress(Exception):
            reporter.forget()


def _flush_at_exit() -> None:
    if _uncaught() is not None:
        for reporter in list(_reporters.values()):
            with contextlib.suppress(Exception):
                reporter.give_up()
    with contextlib.suppress(Exception):
        flush(_EXIT_S)


def flush(limit_s: float = _EXIT_S) -> bool:
    """Wait until what is known now is sent or spooled, at most ``limit_s`` seconds; tell whether it is.

    The end of the process does this by itself; it is for code that ends with ``os._exit`` or is about to be killed.
    """
    until = time.monotonic() + limit_s
    ours = [reporter for reporter in list(_reporters.values()) if reporter.pid == os.getpid()]
    ended = [
        reporter.flush(until) for reporter in ours
    ]  # a list: each is asked, whatever the others say
    return all(ended)


# --- what a job calls -------------------------------------------------------------------------------------------------


class Bar(Generic[T]):
    """A worker's progress. Made by ``progress()``; its attributes may be read and set at any time.

    Attributes:
        current: how far the worker is, in any unit.
        total: the end point in the same unit; None when there is none.
        desc: a few words shown at the bar.
        ok: False draws the bar as a problem.
    """

    def __init__(
        self,
        iterable: Optional[Iterable[T]],
        total: Optional[Number],
        desc: str,
        worker: Optional[str],
        initial: Number,
        door: Optional[Door],
    ) -> None:
        self.current: Number = initial
        self.total = total
        self.desc = desc
        self.ok: int = True
        self._iterable = iterable
        self._wish = worker
        self._worker = ""
        self._door = door
        self._reporter: Optional[_Reporter] = None
        self._sent: Optional[Raw] = None
        self._at: Optional[str] = None  # when the values were true, if not now
        self._left: List[_Place] = []  # where its loop was left before its end
        self._inherited = False
        self._asleep = True  # not watched: never touched, closed, or come here by a fork
        self._pid = os.getpid()

    def __enter__(self) -> "Bar[T]":
        self.rouse()
        return self

    def __exit__(self, kind: Any, error: Any, _traceback: Any) -> None:
        if kind is not None and not is_good_end(error):
            self.ok = False
        self.close()

    def __iter__(self) -> Iterator[T]:
        iterable: Any = self._iterable
        self.rouse()
        try:
            for item in iterable:
                yield item
                self.current += 1
                if self._asleep or (_NO_FORK_HOOK and self._pid != os.getpid()):
                    self.rouse()
        except BaseException as error:
            if not is_good_end(error):
                self.ok = False
            elif isinstance(error, GeneratorExit):
                self.left_by(2)
            raise
        finally:
            self.close()

    def __len__(self) -> int:
        return len(self._iterable)  # type: ignore[arg-type]  # as len(iterable) would: a TypeError says it has none

    def __bool__(self) -> bool:
        return True

    def __del__(self) -> None:
        with contextlib.suppress(Exception):
            self.leave()

    def update(self, n: Number = 1) -> None:
        """Go ``n`` further."""
        try:
            self.current += n
        except Exception as error:
            _debug("update(%r): %r" % (n, error))
        if self._asleep or (_NO_FORK_HOOK and self._pid != os.getpid()):
            self.rouse()

    def set(
        self,
        current: Optional[Number] = None,
        total: Optional[Number] = None,
        desc: Optional[str] = None,
        ok: Optional[int] = None,
    ) -> None:
        """Say what is new; None keeps what was said before."""
        self.current = self.current if current is None else current
        self.total = self.total if total is None else total
        self.desc = self.desc if desc is None else desc
        self.ok = self.ok if ok is None else ok
        self.update(0)

    def close(self) -> None:
        """Send the last values. A bar that is touched again afterwards begins again."""
        try:
            reporter = self._reporter
            self.leave()
            if reporter is not None:
                reporter.poke()
        except Exception as error:
            _debug("close: %r" % error)

    def left_by(self, above: int) -> None:
        """Remember where the loop was left, in the frame so many above this one: by what, is known later."""
        with contextlib.suppress(Exception):
            self._left = _places_of(sys._getframe(above))

    def leave(self) -> None:
        """Hand the last values to the reporter, without a lock: a destructor may call this."""
        reporter, self._reporter = self._reporter, None
        self._asleep = True
        if reporter is not None and reporter.pid == os.getpid():
            reporter.unwatch(self, self._worker)

    def rouse(self) -> None:
        """Have the reporter look at this bar from now on."""
        try:
            self._asleep = False
            if self._pid != os.getpid():
                self._inherited, self._pid, self._reporter = True, os.getpid(), None
            if self._door is None or self._reporter is not None:
                return
            reporter = _reporter_of(self._door)
            worker = _worker_name() if self._wish in (None, "") else _text(self._wish)
            if self._inherited:
                worker = "%s.%s" % (self._worker or worker, _child_name() or os.getpid())
                self._inherited = False
            self._sent, self._left = None, []
            self._worker = reporter.watch(self, worker, claim=self._wish is None)
            self._reporter = reporter
        except Exception as error:
            _debug("no reports: %r" % error)

    def _inherit(self) -> None:
        """Be told that this is a child's copy: touched, it reports under a name of its own."""
        self._asleep, self._inherited, self._pid, self._reporter = True, True, os.getpid(), None

    def raw(self) -> Raw:
        """Give the values as the job left them."""
        return Raw(self.current, self.total, self.ok, self.desc)


def is_good_end(error: Any) -> bool:
    return isinstance(error, GeneratorExit) or (
        isinstance(error, SystemExit) and error.code in (None, 0)
    )


@overload
def progress(
    iterable: Iterable[T],
    *,
    total: Optional[Number] = None,
    desc: str = "",
    worker: Optional[str] = None,
    initial: Number = 0,
    job: Optional[str] = None,
    url: Optional[str] = None,
    update_url: Optional[str] = None,
) -> Bar[T]: ...


@overload
def progress(
    *,
    total: Optional[Number] = None,
    desc: str = "",
    worker: Optional[str] = None,
    initial: Number = 0,
    job: Optional[str] = None,
    url: Optional[str] = None,
    update_url: Optional[str] = None,
) -> Bar[Any]: ...


def progress(
    iterable: Optional[Iterable[T]] = None,
    *,
    total: Optional[Number] = None,
    desc: str = "",
    worker: Optional[str] = None,
    initial: Number = 0,
    job: Optional[str] = None,
    url: Optional[str] = None,
    update_url: Optional[str] = None,
) -> Bar[T]:
    """Give a bar: iterate over it, use it in a ``with`` statement, or call it and ``close()`` it.

    Args:
        iterable: what to go through; its length is the total unless one is given.
        worker: the worker's id, unique in the job. By default HEADWAY_WORKER or the MPI or Slurm rank, and the name of
            a multiprocessing child; else "main". A second bar alive at the same time gets ".2", a third ".3".
        job: a progress name to report under instead of the job of the environment; needs ``url`` or HEADWAY_URL.
        update_url: the ``update_url`` that /progress/create answered, instead of ``job`` and ``url``.
    """
    door = None
    if total is None:
        with contextlib.suppress(Exception):
            total = len(iterable)  # type: ignore[arg-type]  # what has no length has no total
    try:
        door = find_door(job, url, update_url)
    except Exception as error:
        _debug("no reports: %r" % error)
    return Bar(iterable, total, desc, worker, initial, door)


def counters(values: Dict[str, Any]) -> None:
    """Set the job's counters by key: a number or text, ``[value, colour]``, or None to take one away."""
    try:
        door = _job_door()
        if door is None:
            return
        reporter = _reporter_of(door)
        for key, value in values.items():
            try:
                said = _counter(value)
            except Exception as error:
                _debug("counter %s: %s" % (key, error))
                continue
            if len(reporter.counters) < _PENDING_COUNT:
                reporter.counters[_text(key)[:_KEY_CHARACTERS] or "?"] = said
        reporter.poke()
    except Exception as error:
        _debug("counters: %r" % error)


def status(text: str) -> None:
    """Set the job's status text."""
    try:
        door = _job_door()
        if door is None:
            return
        reporter = _reporter_of(door)
        reporter.status["text"] = _text(text)
        reporter.poke()
    except Exception as error:
        _debug("status: %r" % error)


# --- headway run ------------------------------------------------------------------------------------------------------

# Signals that the runner passes on; the others either cannot be caught or mean the runner itself.
_FORWARDED = (
    "HUP",
    "INT",
    "QUIT",
    "USR1",
    "USR2",
    "ALRM",
    "TERM",
    "WINCH",
    "XCPU",
    "IO",
    "VTALRM",
    "PROF",
    "PWR",
)
_CREATION_S = 1.0  # a command waits this long at most for its job to be made, and only if the server is there at all
_SEGMENT_BYTES = 4096
_BARS = 50
_TAIL_BYTES = 1 << 16
_WHOLE = 100
_FOLLOW_S = 0.5
_DRAWN_BEFORE_S = 1.0
_LABELS = 100
_WORDS = 100

# `` 45%|####5     | 45/100 [00:10<00:12,  4.50it/s]``; units may be scaled (``1.2k/3.0M``), the total unknown (``?``).
_METER = re.compile(
    rb"(\d{1,3})%\|[^|]{0,1000}\|(?:\s?([\d.]{1,20}[kMGTPEZY]?)/([\d.]{1,20}[kMGTPEZY]?|\?)(?=\s\[|\s?$))?"
)
# ``45it [00:10, 4.50it/s]``: tqdm without a total.
_COUNTED = re.compile(rb"(?:^|\s)([\d.]{1,20}[kMGTPEZY]?)[A-Za-z]{1,20}\s\[\d{1,3}:\d\d")
# A line that is drawn again and again with a percentage in it: curl -#, wget, rsync.
_PERCENT = re.compile(rb"(?<![\d.])(\d{1,3}(?:\.\d{1,4})?)\s?%")
_BREAK = re.compile(rb"(\r\n|\r|\n)")
_ESCAPE = re.compile(rb"\x1b\[[0-9;?]{0,20}[A-Za-z]")
_SCALES = {unit: 1000.0**power for power, unit in enumerate("kMGTPEZY", start=1)}


def _scaled(word: bytes) -> Optional[Number]:
    """Read ``45``, ``1.2`` or ``1.2k``."""
    text = word.decode("ascii")
    scale = _SCALES.get(text[-1:])
    try:
        if scale is not None:
            return float(text[:-1]) * scale
        return int(text) if text.isdigit() else float(text)
    except ValueError:
        return None


class BarReader:
    """Reads progress bars out of the bytes that a command writes to a terminal.

    ``feed`` takes them in pieces of any size and never raises. ``tell(position, current, total, desc)`` is called for
    every bar seen; position counts the lines below the first bar, as tqdm's nested bars do.
    """

    def __init__(self, tell: Callable[[int, Number, Optional[Number], str], None]) -> None:
        self._tell = tell
        self._rest = b""
        self._redrawn = False

    def feed(self, data: bytes) -> None:
        """Take the next bytes."""
        try:
            pieces = _BREAK.split(self._rest + data)
            for text, separator in zip(pieces[::2], [*pieces[1::2], b""]):
                self._line(text, whole=bool(separator))
                self._redrawn = separator == b"\r" or (self._redrawn and not separator)
            self._rest = pieces[-1][-_SEGMENT_BYTES:]
        except Exception as error:
            _debug("bar: %r" % error)
            self._rest = b""

    def _line(self, text: bytes, *, whole: bool) -> None:
        if (b"%" not in text and b" [" not in text) or len(text) > _SEGMENT_BYTES:
            return
        position = text.count(b"\x1b[A")
        text = _ESCAPE.sub(b"", text)
        if not whole and text.rstrip()[-1:] not in (b"]", b"|", b"%"):
            return  # cut in the middle: the rest is still to come
        found = self._meter(text) or self._counted(text) or self._percent(text)
        if found is not None and position < _BARS:
            self._tell(position, *found)

    @staticmethod
    def _meter(text: bytes) -> Optional[Tuple[Number, Optional[Number], str]]:
        match = _METER.search(text)
        if match is None:
            return None
        desc = text[: match.start()].strip().rstrip(b":").decode("utf-8", "replace")
        current = _scaled(match.group(2)) if match.group(2) else None
        if current is None:
            return int(match.group(1)), _WHOLE, desc
        return current, _scaled(match.group(3)), desc

    @staticmethod
    def _counted(text: bytes) -> Optional[Tuple[Number, Optional[Number], str]]:
        match = _COUNTED.search(text)
        current = _scaled(match.group(1)) if match else None
        if match is None or current is None:
            return None
        return current, None, text[: match.start()].strip().rstrip(b":").decode("utf-8", "replace")

    def _percent(self, text: bytes) -> Optional[Tuple[Number, Optional[Number], str]]:
        match = _PERCENT.search(text) if self._redrawn else None
        percent = float(match.group(1)) if match else math.inf
        return (percent, _WHOLE, "") if percent <= _WHOLE else None


class _RunDoor(_JobDoor):
    """A job that is made on the way: until its creation is answered, everything waits (or goes to the spool)."""

    def __init__(
        self, url: str, token: Optional[str], submission: Dict[str, Any], spool: Optional[str]
    ) -> None:
        _JobDoor.__init__(self, url, None, token, spool)
        self._submission = submission
        self._creation_key = "run-" + os.urandom(12).hex()
        self.key = ("run", self._creation_key)
        self.known = threading.Event()  # the first try to make the job has ended, well or not
        self.page: Optional[str] = None
        self.refusal = ""
        self.report_token: Optional[str] = None

    def opening(self) -> Optional[_Order]:
        if self.job is not None:
            return None
        order = self._post(self._prefix, self._submission)
        order.headers["Idempotency-Key"] = self._creation_key
        return order

    def opened(self, answer: _Answer) -> None:
        document = answer.document()
        if not answer.taken:
            self.refusal = _text(document.get("detail") or "HTTP %d" % answer.status)
            return
        job, token, links = document.get("id"), document.get("report_token"), document.get("links")
        if isinstance(token, str):
            self.report_token = self.token = token
        if isinstance(links, dict) and isinstance(links.get("page"), str):
            self.page = urllib.parse.urljoin(self.url + "/", links["page"])
        if isinstance(job, str) and job:
            self.job = job

    def tried(self) -> None:
        self.known.set()

    def _line(self, batch: _Batch) -> Dict[str, Any]:
        line = _JobDoor._line(self, batch)
        if self.job is None:
            # Whoever reads the spool makes the job first; the key keeps it one job if the request did get through.
            line.update(token=None, create=self._submission, key=self._creation_key)
        return line

    def _spool_name(self) -> str:
        return self.job or self._creation_key


class _Relay:
    """Passes a command's stderr on, byte by byte, and looks for bars in it.

    Where stderr goes decides how: a file is left to the command and read beside it; a terminal is given to the command
    as a pseudo-terminal of its own, so that it still finds one; anything else becomes a pipe.
    """

    def __init__(self, reader: BarReader) -> None:
        self.for_command: Optional[int] = (
            None  # the descriptor the command gets as its stderr; None: ours
        )
        self._reader = reader
        self._ours: Optional[int] = None
        self._follows = False
        self._ended = threading.Event()
        self._thread: Optional[threading.Thread] = None
        mode = os.fstat(2).st_mode
        if stat.S_ISREG(mode) and self._follow():
            return
        if os.isatty(2):
            self._ours, self.for_command = pty.openpty()
            attributes = termios.tcgetattr(self.for_command)
            attributes[1] &= ~termios.OPOST
            attributes[3] &= ~(termios.ECHO | termios.ICANON | termios.ISIG)
            termios.tcsetattr(self.for_command, termios.TCSANOW, attributes)
            self.resize()
        else:
            self._ours, self.for_command = os.pipe()

    def start(self) -> None:
        """Begin, once the command has its end."""
        if self.for_command is not None:
            os.close(self.for_command)
        work = self._watch if self._follows else self._pass_on
        self._thread = threading.Thread(target=work, name="headway-stderr", daemon=True)
        self._thread.start()

    def drop(self) -> None:
        """Close both ends: there is no command."""
        for fd in (self._ours, self.for_command):
            if fd is not None:
                os.close(fd)

    def resize(self) -> None:
        """Give the pseudo-terminal the size of the real one."""
        if self._ours is not None and not self._follows and os.isatty(self._ours):
            with contextlib.suppress(OSError):
                size = fcntl.ioctl(2, termios.TIOCGWINSZ, struct.pack("HHHH", 0, 0, 0, 0))
                fcntl.ioctl(self._ours, termios.TIOCSWINSZ, size)

    def end(self) -> None:
        """Pass on what is left. Where the command left children that may still write, leave a process to do that."""
        self._ended.set()
        if self._thread is not None:
            self._thread.join()
        if self._ours is not None and not self._follows:
            self._leave_behind(self._ours)
        if self._ours is not None:
            with contextlib.suppress(OSError):
                os.close(self._ours)
            self._ours = None

    def _follow(self) -> bool:
        try:
            self._ours = os.open("/proc/self/fd/2", os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return False
        self._follows = True
        return True

    def _watch(self) -> None:
        _leave_signals_to_the_job()
        fd = self._ours
        if fd is None:
            return
        offset, last = os.fstat(fd).st_size, False
        while not last:
            last = self._ended.wait(_FOLLOW_S)
            with contextlib.suppress(OSError):
                size = os.fstat(fd).st_size
                offset = max(min(offset, size), size - _TAIL_BYTES)
                data = os.pread(fd, _TAIL_BYTES, offset)
                offset += len(data)
                self._reader.feed(data)

    def _pass_on(self) -> None:
        _leave_signals_to_the_job()
        while self._ours is not None:
            if not select.select([self._ours], [], [], 0.05)[0]:
                if self._ended.is_set():
                    return
                continue
            data = _read(self._ours)
            if not data or not _write_all(2, data):
                # At the end, or nobody reads our stderr any more: let the command see that as it would without us.
                os.close(self._ours)
                self._ours = None
                return
            self._reader.feed(data)

    @staticmethod
    def _leave_behind(fd: int) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if os.fork():
                return
        try:
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
                signal.signal(number, signal.SIG_IGN)
            os.close(0)
            os.close(1)
            data = _read(fd)
            while data and _write_all(2, data):
                data = _read(fd)
        finally:
            os._exit(0)


def _read(fd: int) -> bytes:
    try:
        return os.read(fd, 1 << 16)
    except OSError:  # EIO: every process has closed the pseudo-terminal
        return b""


def _write_all(fd: int, data: bytes) -> bool:
    """Write all of ``data``; False when that is not possible (any more)."""
    while data:
        try:
            data = data[os.write(fd, data) :]
        except BlockingIOError:
            select.select([], [fd], [])
        except OSError:
            return False
    return True


class _Signals:
    """While it lasts, the runner's signals are the command's.

    On Linux the kernel says where a signal came from: one from the terminal has reached the command already, as both
    are in the same process group, and is not passed on a second time.
    """

    def __init__(self) -> None:
        self._early: List[int] = []
        self._numbers: List[int] = []
        self._before: Dict[int, Any] = {}
        self._mask: Optional[Any] = None

    def __enter__(self) -> "_Signals":
        if threading.current_thread() is threading.main_thread():
            for name in _FORWARDED:
                number = getattr(signal, "SIG" + name, None)
                # What is ignored (nohup) stays so, in the command too.
                if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
                    self._before[number] = signal.signal(
                        number, lambda got, _frame: self._early.append(got)
                    )
            self._before[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            self._numbers = list(self._before)
        return self

    def __exit__(self, *_error: Any) -> None:
        for number, handler in self._before.items():
            with contextlib.suppress(Exception):
                signal.signal(number, handler)
        if self._mask is not None:
            signal.pthread_sigmask(signal.SIG_SETMASK, self._mask)

    def attend(self, pid: int, resized: Callable[[], None]) -> Tuple[int, Any]:
        """Pass signals on to a child until it has ended; give its wait status and its usage."""
        if not self._numbers:
            return os.wait4(pid, 0)[1:]
        self._mask = signal.pthread_sigmask(signal.SIG_BLOCK, self._numbers)
        for number in self._early:
            _kill(pid, number)
        while True:
            ended, status_word, usage = os.wait4(pid, os.WNOHANG)
            if ended:
                return status_word, usage
            got = signal.sigtimedwait(self._numbers, 1.0)
            if got is None or got.si_signo == signal.SIGCHLD:
                continue
            if got.si_signo == getattr(signal, "SIGWINCH", None):
                resized()
            elif got.si_code > 0:
                continue
            _kill(pid, got.si_signo)


def _kill(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def _command_name(command: Sequence[str]) -> str:
    """Give a command a name: the script's when an interpreter runs one, else the program's."""
    for word in command[1:]:
        if not word.startswith("-"):
            if os.path.isfile(word):
                return os.path.basename(word)
            break
    return os.path.basename(command[0])


def _run_door(
    command: Sequence[str],
    name: Optional[str],
    labels: Sequence[str],
    url: Optional[str],
    token: Optional[str],
    spool: Optional[str],
) -> Optional[_JobDoor]:
    """Give the door for a run: the job around it, or a job of its own."""
    environment = os.environ
    around = _job_door()
    if around is not None and name is None:
        return around
    url = url or environment.get("HEADWAY_URL")
    if not url:
        _debug("no reports: neither --url nor HEADWAY_URL says where the server is")
        return None
    url = _address(url)
    submission: Dict[str, Any] = {
        "kind": "report",
        "will_finish": True,
        "name": _text(name or _command_name(command)),
        "labels": [_text(label)[:_KEY_CHARACTERS] for label in labels if label][:_LABELS],
        "extra": {
            "command": [_text(word) for word in command[:_WORDS]],
            "directory": _text(os.getcwd()),
            "host": _text(socket.gethostname()),
            "pid": os.getpid(),
        },
    }
    if around is not None:
        submission["parent"] = around.job
    return _RunDoor(
        url,
        token or environment.get("HEADWAY_TOKEN"),
        submission,
        spool or environment.get("HEADWAY_SPOOL"),
    )


def _environment_of(door: Optional[_JobDoor]) -> Dict[str, str]:
    """Give the environment that a command finds its job in."""
    environment = dict(os.environ)
    if not isinstance(door, _RunDoor) or door.job is None:
        return environment
    environment.update(HEADWAY_URL=door.url, HEADWAY_JOB_ID=door.job)
    environment.pop("HEADWAY_REPORT_TOKEN", None)
    if door.report_token:
        environment["HEADWAY_REPORT_TOKEN"] = door.report_token
    if door.spool_directory:
        environment["HEADWAY_SPOOL"] = door.spool_directory
    return environment


class _Run:
    """One command under one door."""

    def __init__(self, door: Optional[_JobDoor]) -> None:
        self._door = door
        self._reporter: Optional[_Reporter] = None
        self._bars: Dict[int, Bar[Any]] = {}
        self._relay: Optional[_Relay] = None
        self._message = ""

    def open(self) -> None:
        """Start reporting, and wait for the job to be made if the server is there."""
        if self._door is None:
            return
        try:
            self._reporter = _reporter_of(self._door)
            self._reporter.poke()
            if isinstance(self._door, _RunDoor):
                self._door.known.wait(_CREATION_S)
            self._relay = _Relay(BarReader(self._show))
        except Exception as error:
            _debug("no reports: %r" % error)

    def execute(self, command: Sequence[str], signals: _Signals) -> Tuple[int, Any]:
        """Run a command; give its wait status (as ``os.wait`` has it) and its usage, if it ran."""
        stderr = self._relay.for_command if self._relay is not None else None
        try:
            child = subprocess.Popen(  # noqa: S603  # running what it is given is its purpose
                command, env=_environment_of(self._door), stderr=stderr, close_fds=False
            )
        except (OSError, ValueError) as error:
            if self._relay is not None:
                self._relay.drop()
            code = 127 if getattr(error, "errno", None) == errno.ENOENT else 126
            self._message = "cannot run %s: %s" % (
                command[0],
                getattr(error, "strerror", None) or error,
            )
            # The command is not there to say so itself.
            _write_all(2, ("headway run: %s\n" % self._message).encode("utf-8", "replace"))
            return code << 8, None
        if self._relay is not None:
            self._relay.start()
        try:
            status_word, usage = signals.attend(
                child.pid, self._relay.resize if self._relay is not None else lambda: None
            )
        finally:
            child.returncode = 0  # waited for here, with its usage, so Popen need not
        if self._relay is not None:
            self._relay.end()
        return status_word, usage

    def close(self, status_word: int, usage: Any, wall_s: float) -> None:
        """Report the end."""
        if self._reporter is None:
            return
        try:
            record = _record(status_word, usage, wall_s)
            if self._message:
                record["message"] = self._message
            for bar in self._bars.values():
                if status_word and not (bar.total and bar.current >= bar.total):
                    bar.ok = False
                bar.close()
            if isinstance(self._door, _RunDoor):
                self._reporter.finish["record"] = record
            self._reporter.flush(time.monotonic() + _EXIT_S)
            _reporters.pop(self._reporter.door.key, None)
        except Exception as error:
            _debug("no end reported: %r" % error)

    def _show(self, position: int, current: Number, total: Optional[Number], desc: str) -> None:
        bar = self._bars.get(position)
        if bar is None:
            worker = _worker_name() + (".%d" % (position + 1) if position else "")
            bar = self._bars[position] = Bar(None, total, desc, worker, current, self._door)
        if bar._at is not None and (current, total or bar.total, desc) == (
            bar.current,
            bar.total,
            bar.desc,
        ):
            return  # the same line again: it was true when it was drawn
        # A line is read a moment after it was drawn. What a command says of itself meanwhile is newer, and has to look so.
        bar._at = _instant(_DRAWN_BEFORE_S)
        bar.set(current, total, desc)


def _record(status_word: int, usage: Any, wall_s: float) -> Dict[str, Any]:
    """Give the exit record of a wait status."""
    record: Dict[str, Any] = {}
    if os.WIFSIGNALED(status_word):
        record["signal"] = os.WTERMSIG(status_word)
    else:
        record["exit_code"] = os.WEXITSTATUS(status_word)
    used: Dict[str, Any] = {"wall_s": round(wall_s, 6)}
    if usage is not None:
        used["cpu_s"] = round(usage.ru_utime + usage.ru_stime, 6)
        # Between fork and exec the child is a copy of this process, and Linux counts that in: a peak below ours is not known.
        if usage.ru_maxrss > resource.getrusage(resource.RUSAGE_SELF).ru_maxrss:
            used["max_memory_bytes"] = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    record["usage"] = used
    return record


def run(
    command: Sequence[str],
    *,
    name: Optional[str] = None,
    labels: Sequence[str] = (),
    url: Optional[str] = None,
    token: Optional[str] = None,
    spool: Optional[str] = None,
    announce: Optional[Callable[[Optional[str], Optional[str]], None]] = None,
    refused: Optional[Callable[[str], None]] = None,
) -> int:
    """Run a command as a job that reports; give the exit status a shell would.

    Inside a job (HEADWAY_JOB_ID) and without a ``name`` the command's bars are that job's. Otherwise a job is made for
    it; a server that does not answer delays the command by 1 s at most, one that is not there not at all.
    stdin and stdout are the command's own; of stderr see _Relay.

    Args:
        command: argv, not empty.
        token: a user's token, where the server wants one; by default HEADWAY_TOKEN.
        spool: a directory for the exit record when the server is out of reach; by default HEADWAY_SPOOL.
        announce: called before the command starts with the job's id and page, or None and None when it is not made yet.
        refused: called in its place with the server's words, when that has refused to make the job.

    Returns:
        The command's exit code; 128 + n when signal n ended it; 127 when there is no such command, 126 when it cannot
        be run.
    """
    try:
        door = _run_door(command, name, labels, url, token, spool)
    except Exception as error:
        _debug("no reports: %r" % error)
        door = None
    with _Signals() as signals:
        this = _Run(door)
        this.open()
        refusal = door.refusal if isinstance(door, _RunDoor) and door.job is None else ""
        if refusal and refused is not None:
            refused(refusal)
        elif announce is not None:
            announce(
                door.job if door is not None else None,
                door.page if isinstance(door, _RunDoor) else None,
            )
        began = time.monotonic()
        status_word, usage = this.execute(command, signals)
        this.close(status_word, usage, time.monotonic() - began)
    return (
        128 + os.WTERMSIG(status_word)
        if os.WIFSIGNALED(status_word)
        else os.WEXITSTATUS(status_word)
    )


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Be ``python headway_worker.py run [--name NAME] [--label LABEL]… [--url URL] -- CMD``."""
    parser = argparse.ArgumentParser(
        prog="headway_worker.py", description="Report a command's progress and its end."
    )
    verbs = parser.add_subparsers(dest="verb", metavar="run")
    verb = verbs.add_parser("run", help="run a command as a job that reports")
    verb.add_argument("--name", help="the job's name; inside a job, makes a job of its own")
    verb.add_argument("--label", action="append", default=[], help="a label; may be given again")
    verb.add_argument("--url", help="the server; by default HEADWAY_URL")
    verb.add_argument("command", nargs=argparse.REMAINDER, metavar="-- CMD")
    chosen = parser.parse_args(arguments)
    command = list(getattr(chosen, "command", []))
    if command[:1] == ["--"]:
        command = command[1:]
    if not command:
        parser.error("say what to run: headway_worker.py run -- CMD [ARGUMENT]…")
    return run(command, name=chosen.name, labels=chosen.label, url=chosen.url)


if __name__ == "__main__":
    sys.exit(main())
