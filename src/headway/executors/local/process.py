"""Processes as the kernel shows them: who is whose child, who is who, and how to signal nobody else.

Every process of an attempt bears the attempt's *brand*: a soft limit RLIMIT_RTTIME that no other attempt has. It is
inherited through fork, exec and setsid and does nothing to a process without a real-time policy (getrlimit(2)), and for
those it is so large that it never ends. So a process that left its session and its parents is still known as the job's,
and a recycled pid is never taken for the job.
"""

# The helper processes do without pathlib: it costs memory.
# ruff: noqa: PTH208

import os
import resource
import signal
import time
from collections.abc import Callable, Collection, Container

_INFINITY = resource.RLIM_INFINITY
_LOWEST_BRAND = 1 << 61
_STAT_BYTES = 4096
_STAT_PPID = 1  # fields of /proc/PID/stat after the name in parentheses, proc(5)
_STAT_START = 19
_TICK_NS = 1_000_000_000 // os.sysconf("SC_CLK_TCK")


class StartClock:
    """Tells when children of ours began, from the clock: asking about one that becomes its program just now has to wait.

    /proc counts ticks of the boot clock, proc(5). One that began between two readings of that clock within one tick began
    in that tick. Whether this machine's clock and /proc agree is seen from the first one.
    """

    def __init__(self, boot_ns: Callable[[], int] | None = None) -> None:
        self._boot_ns = boot_ns or (lambda: time.clock_gettime_ns(time.CLOCK_BOOTTIME))
        self._agrees: bool | None = None
        self._since_ns = 0

    def begin(self) -> None:
        """Note that a child is about to be started."""
        self._since_ns = self._boot_ns()

    def ticks(self, pid: int) -> int:
        """Give the start time, as ``start_ticks`` does, of a child that was started since ``begin``; 0 when it is gone."""
        before, after = self._since_ns // _TICK_NS, self._boot_ns() // _TICK_NS
        if self._agrees and before == after:
            return after
        told = start_ticks(pid) or 0
        if self._agrees is None and before == after:
            self._agrees = told == after
        return told


def boot_id() -> str:
    """Give the kernel's name of this boot; pids and start times mean nothing across boots."""
    return _read("/proc/sys/kernel/random/boot_id").decode().strip()


def start_ticks(pid: int) -> int | None:
    """Give a process's start time in ticks since boot; None when there is none. With the pid it is an identity."""
    fields = _stat(pid)
    return int(fields[_STAT_START]) if fields else None


def call_ourselves(name: bytes) -> None:
    """Set the name that ps shows for this process and, until they become something else, for those it starts."""
    file = os.open("/proc/self/comm", os.O_WRONLY | os.O_CLOEXEC)
    try:
        os.write(file, name)
    finally:
        os.close(file)


def name_of(pid: int) -> bytes:
    """Give the name of a process, a zombie's too; empty when there is none."""
    raw = _stat_line(pid)
    return raw[raw.index(b"(") + 1 : raw.rindex(b")")] if raw else b""


def catches_term(pid: int) -> bool:
    """Tell whether a process has a handler for SIGTERM."""
    try:
        for line in _read(f"/proc/{pid}/status").splitlines():
            if line.startswith(b"SigCgt:"):
                return bool(int(line.split()[1], 16) >> (signal.SIGTERM - 1) & 1)
    except OSError:
        pass  # it has ended meanwhile: then it catches nothing
    return False


def new_brand() -> int:
    """Give a brand for one attempt; 0 where an administrator's hard limit leaves no room for brands."""
    if resource.getrlimit(resource.RLIMIT_RTTIME)[1] != _INFINITY:
        return 0
    return _LOWEST_BRAND | int.from_bytes(os.urandom(7))


def wear(brand: int) -> None:
    """Have this process, and so all it starts from now on, bear a brand; 0 takes it off.

    Brands are given only where the hard limit is none (see ``new_brand``).
    """
    if brand or resource.getrlimit(resource.RLIMIT_RTTIME)[1] == _INFINITY:
        resource.setrlimit(resource.RLIMIT_RTTIME, (brand or _INFINITY, _INFINITY))


def brand_of(pid: int) -> int:
    """Read a process's brand, a zombie's too; 0 when it bears none, is gone, or may not be asked."""
    try:
        soft, _ = resource.prlimit(pid, resource.RLIMIT_RTTIME)
    except OSError:
        return 0
    return soft if soft >= _LOWEST_BRAND else 0


def own_children() -> list[int]:
    """List this single-threaded process's children, zombies included. Complete: only we can take one away."""
    return _children_of_thread(os.getpid(), os.getpid())


def descendants(roots: list[int]) -> list[int]:
    """List these processes and all below them, as far as they can be seen while they move."""
    found: dict[int, None] = dict.fromkeys(roots)
    waiting = list(found)
    while waiting:
        parent = waiting.pop()
        try:
            threads = os.listdir(f"/proc/{parent}/task")
        except OSError:
            continue  # gone; its children are somebody else's by now
        for thread in threads:
            new = [pid for pid in _children_of_thread(parent, int(thread)) if pid not in found]
            found.update(dict.fromkeys(new))
            waiting.extend(new)
    return list(found)


def bearers(brands: Collection[int]) -> dict[int, list[int]]:
    """Find all processes on the machine that bear one of the brands, zombies left out: brand to pids."""
    found: dict[int, list[int]] = {}
    for pid in _pids() if brands else ():
        brand = brand_of(pid)
        if brand in brands and pid != os.getpid() and is_alive(pid):
            found.setdefault(brand, []).append(pid)
    return found


def is_alive(pid: int) -> bool:
    """Tell whether a process exists and is not a zombie."""
    fields = _stat(pid)
    return bool(fields) and fields[0] not in (b"Z", b"X")


def is_main(pid: int, *, ticks: int, brand: int) -> bool:
    """Tell whether a pid still is the process that an attempt began with.

    Start times are counted in hundredths of a second: a pid recycled within one has the same. The brand tells.
    """
    return start_ticks(pid) == ticks and is_alive(pid) and (not brand or brand_of(pid) == brand)


def send(pid: int, number: int, *, brand: int, tree: Container[int]) -> bool:
    """Signal a process of an attempt, and nobody else.

    The pid is held first; then the process must bear the brand, or be a child of one in ``tree`` (it may have changed its
    limits). An innocent one that was given the pid meanwhile is neither.

    Returns:
        False when it is gone or is not the attempt's.

    Raises:
        PermissionError: it is another user's by now (a set-user-id program).
    """
    try:
        held = os.pidfd_open(pid)
    except OSError:
        return False
    try:
        if (brand and brand_of(pid) == brand) or _parent_of(pid) in tree:
            signal.pidfd_send_signal(held, number)
            return True
    except ProcessLookupError:
        pass  # it ended meanwhile
    finally:
        os.close(held)
    return False


def _children_of_thread(pid: int, thread: int) -> list[int]:
    try:
        return [int(word) for word in _read(f"/proc/{pid}/task/{thread}/children").split()]
    except FileNotFoundError:
        # A kernel without CONFIG_PROC_CHILDREN, or a thread that ended: ask everybody for their parent.
        return [child for child in _pids() if _parent_of(child) == pid]
    except OSError:
        return []


def _parent_of(pid: int) -> int:
    fields = _stat(pid)
    return int(fields[_STAT_PPID]) if fields else 0


def _pids() -> list[int]:
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def _stat(pid: int) -> list[bytes]:
    raw = _stat_line(pid)
    return raw[raw.rindex(b")") + 2 :].split() if raw else []


def _stat_line(pid: int) -> bytes:
    try:
        file = os.open(f"/proc/{pid}/stat", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return b""
    try:
        return os.read(file, _STAT_BYTES)  # the whole line comes at once
    except OSError:
        return b""
    finally:
        os.close(file)


def _read(path: str) -> bytes:
    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        whole = os.read(file, 65536)
        while more := os.read(file, 65536):
            whole += more
        return whole
    finally:
        os.close(file)
