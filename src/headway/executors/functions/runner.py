"""Runs one function where its worker is, and says truly how that ended, whatever the function does.

Imported by workers, on other machines too: the standard library only, and cloudpickle where it is installed. Never imported
to run anything in the server.
"""

import ast
import hmac
import importlib
import linecache
import pickle
import resource
import textwrap
import time
import types
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from headway.executors.functions import raised, returned, shell
from headway.executors.functions.injected import Injected
from headway.executors.functions.surroundings import NoPlace, Surroundings
from headway.lib.job_cancelled import JobCancelled

Outcome = dict[str, Any]
_FILE: Final = "<function>"
_QUICK_S: Final = 0.002
_NO_SIGNATURE: Final = (
    "its signature is not that of its owner's key: it was changed on its way, and was not unpickled"
)


class Cut:
    """Ends the function that runs now; ``now`` is for a signal handler in its thread.

    Attributes:
        cause: ``cancel`` or ``limit``, or a signal's number as text, when the function was told to end; "" otherwise.
    """

    def __init__(self) -> None:
        self.cause = ""
        self._how: Callable[[], None] | None = None

    def now(self, cause: str) -> None:
        """End the function, once, by JobCancelled in it; nothing where none runs."""
        if self._how is not None and not self.cause:
            self.cause = cause
            self._how()

    def arm(self) -> None:
        """Have ``now`` raise."""
        self.cause = ""
        self._how = _raise

    def instead(self, how: Callable[[], None]) -> None:
        """Have ``now`` do something else, until it is disarmed; at once where it has done what it did before."""
        self._how = how
        if self.cause:
            how()

    def disarm(self) -> None:
        """Have it do nothing more."""
        self._how = None


def run(
    order: Mapping[str, Any],
    pickled: bytes = b"",
    *,
    cut: Cut | None = None,
    outputs: tuple[int, int] | None = None,
) -> tuple[Outcome, bytes]:
    """Run what an order says; give how it ended, as JSON can say it, and the result's bytes.

    The order's keys: ``tag``, ``context``, ``parent``, one of ``source`` and ``shell`` or else ``signature`` and ``key`` for
    ``pickled``; ``directory`` (None for the present one), ``environment`` and ``inherit``.

    The outcome's: ``state`` (succeeded, failed, cancelled), ``reason``, ``exit_code``, ``signal``, ``message``, ``error``
    (``type``, ``message``, ``traceback``: the lines of traceback.format_exception), ``media_type`` and ``type`` of the
    result, ``started`` and ``ended`` (seconds since the epoch), ``wall_s``, ``cpu_s``, ``max_memory_bytes``.

    Args:
        order: what to run.
        pickled: (callable, args, kwargs); unpickled only if the signature holds.
        cut: ends the function from outside; None where nothing can.
        outputs: files for the output of a line of shell, open for reading and writing, where whoever cuts it signals our whole
            group; None where neither is so.
    """
    cut = cut or Cut()
    started, began = _now_s(), time.monotonic()
    cpu_before_s = _cpu_s()
    injected = Injected(order)
    outcome, data = _in_surroundings(order, pickled, cut, injected, outputs)
    cut.disarm()
    injected.flush()
    wall_s = time.monotonic() - began
    outcome |= {
        "started": started,
        "ended": _now_s(),
        "wall_s": round(wall_s, 6),
        "cpu_s": round(max(0.0, _cpu_s() - cpu_before_s), 6),
        "max_memory_bytes": _peak.bytes_after(wall_s),
    }
    return outcome, data


class _Peak:
    """The most memory of this process, as it was last looked at: that costs more than a quick function does."""

    def __init__(self) -> None:
        self._last = 0

    def bytes_after(self, wall_s: float) -> int:
        """Give it after a function that took so long; one so quick has not touched much that is new."""
        if wall_s > _QUICK_S or not self._last:
            self._last = peak_bytes()
        return self._last


_peak: Final = _Peak()


def peak_bytes() -> int:
    """Give the most memory that this process has had at a time, since it was last told to count anew."""
    try:
        with Path("/proc/self/status").open("rb") as file:
            words = file.read().partition(b"VmHWM:")[2].split(maxsplit=1)
        return int(words[0]) * 1024
    except (OSError, IndexError, ValueError):
        # What getrusage says counts the memory of the server that started us, too: Linux fs/exec.c, exec_mmap.
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _now_s() -> float:
    return time.clock_gettime(time.CLOCK_REALTIME)


def _cpu_s() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def _in_surroundings(
    order: Mapping[str, Any],
    pickled: bytes,
    cut: Cut,
    injected: Injected,
    outputs: tuple[int, int] | None,
) -> tuple[Outcome, bytes]:
    try:
        with Surroundings(order):
            try:
                cut.arm()
                ended = _run(order, pickled, cut, injected, outputs)
                cut.disarm()
            except BaseException as error:  # noqa: BLE001 -- whatever a function raises is how it ended
                cut.disarm()
                return _after(error, cut), b""
            return (_cut_short(cut, ended[0]), b"") if cut.cause else ended
    except NoPlace as error:
        return raised.not_started(str(error)), b""
    except JobCancelled as error:  # it came between the function and here
        return _after(error, cut), b""


def _run(
    order: Mapping[str, Any],
    pickled: bytes,
    cut: Cut,
    injected: Injected,
    outputs: tuple[int, int] | None,
) -> tuple[Outcome, bytes]:
    if order.get("shell"):
        return shell.run(order["shell"], outputs, cut.instead)
    function, args, kwargs = _callable(order, pickled, injected)
    value = function(*args, **injected.into(function, args, kwargs))
    if type(value) is types.CoroutineType:
        value = importlib.import_module("asyncio").run(value)  # 8 MB that most workers never need
    return returned.encoded(value)


def _callable(
    order: Mapping[str, Any], pickled: bytes, injected: Injected
) -> tuple[Callable[..., object], tuple[Any, ...], dict[str, Any]]:
    if order.get("source"):
        return _of_source(order["source"], injected), (), {}
    check_signature(order, pickled)
    # Signed by the job's owner, who may run code here: that is what the line below does.
    function, args, kwargs = pickle.loads(pickled)  # noqa: S301
    return function, tuple(args), dict(kwargs)


def check_signature(order: Mapping[str, Any], pickled: bytes) -> None:
    """See that a pickle is its owner's.

    Raises:
        PermissionError: it is not.
    """
    key = str(order.get("key", "")).encode()
    wanted = hmac.digest(key, pickled, "sha256").hex()
    given = str(order.get("signature", "")).encode("utf-8", "replace")
    if not key or not hmac.compare_digest(wanted.encode(), given):
        raise PermissionError(_NO_SIGNATURE)


def _of_source(source: str, injected: Injected) -> Callable[[], object]:
    """Make a function of lines that may have ``return`` in them; the lines keep their numbers and their text."""
    lines = textwrap.dedent(source)
    tree = ast.parse(lines, _FILE)
    function = ast.parse("def execwrapper(): pass", _FILE)
    wrapper = function.body[0]
    if isinstance(wrapper, ast.FunctionDef) and tree.body:
        wrapper.body = tree.body
    linecache.cache[_FILE] = (len(lines), None, lines.splitlines(keepends=True), _FILE)
    names: dict[str, Any] = {"__name__": "headway_function", **injected.names()}
    exec(compile(function, _FILE, "exec"), names)  # noqa: S102 -- its owner may run code here
    made: Callable[[], object] = names["execwrapper"]
    return made


def _raise() -> None:
    raise JobCancelled


def _cut_short(cut: Cut, ended: Outcome) -> Outcome:
    """Give the end of one that was told to end and then returned: it was cancelled all the same."""
    how: Outcome = {name: ended[name] for name in ("exit_code", "signal") if name in ended}
    return {**raised.cut(cut.cause), **how}


def _after(error: BaseException, cut: Cut) -> Outcome:
    if isinstance(error, JobCancelled) and cut.cause:
        return raised.cut(cut.cause)
    if cut.cause:
        return raised.cut(cut.cause) | {"error": raised.described(error)}
    return raised.outcome(error)
