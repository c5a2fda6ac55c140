"""What the helper processes run: the reaper, and under it the spawner. Neither keeps anything of whoever started them.

Started as a program of its own by ``supervisor.start_helpers``: it comes back when both are ready, and ends with a message on
standard error when they cannot be.
"""

import ctypes
import gc
import os
import resource
import signal
import socket
import sys
from collections.abc import Callable

from headway.executors.local import journal, process
from headway.executors.local.attempts import SPAWNER_NAME, Attempts
from headway.executors.local.journal import Journal
from headway.executors.local.service import Service
from headway.executors.local.wire import Role

JOURNAL = "journal"
SOCKET = "socket"
LOG = "log"  #: tracebacks, should there ever be any

_REAPER_NAME = b"headway-reaper"
_PR_SET_CHILD_SUBREAPER = 36  # prctl(2)
_BACKLOG = 16
#: A terminal's, a login's or a shutdown's signals are not for us: the jobs get their own, and we end after them.
_NOT_FOR_US = (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM)
_DEFAULTED = frozenset({signal.SIGKILL, signal.SIGSTOP, signal.SIGPIPE, signal.SIGXFSZ})


def main(arguments: list[str]) -> None:
    """Make journal and socket in a directory, start both helpers, and come back when they are ready.

    ``arguments``: the directory, the seconds of grace, the seconds without jobs and server after which to end, the limit of open
    files that jobs are to have.
    """
    directory, grace_s, idle_s = arguments[0], float(arguments[1]), float(arguments[2])
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (int(arguments[3]), hard))
    # A socket's path is at most 107 bytes long; ours is relative.
    os.chdir(directory)
    entries = journal.create(JOURNAL, boot_id=process.boot_id())
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(SOCKET)
    listener.listen(_BACKLOG)
    _detach()
    if os.fork() == 0:
        _in_own_process(lambda: _reaper(entries, listener, grace_s=grace_s, idle_s=idle_s))


def _reaper(entries: Journal, listener: socket.socket, *, grace_s: float, idle_s: float) -> None:
    """Wait for the spawner, and if it is killed, see its jobs to their ends."""
    _keep_only_a_log()
    process.call_ourselves(_REAPER_NAME)
    _become_subreaper()
    own = os.getpid()
    spawner = os.fork()
    if spawner == 0:
        _in_own_process(lambda: _spawner(own, entries, listener, grace_s=grace_s, idle_s=idle_s))
    _, status = os.waitpid(spawner, 0)
    if status == 0:
        return
    attempts = Attempts(entries)
    attempts.take_over()
    Service(attempts, listener=listener, role=Role.DRAINING, grace_s=grace_s, idle_s=idle_s).run()


def _spawner(
    reaper: int, entries: Journal, listener: socket.socket, *, grace_s: float, idle_s: float
) -> None:
    _become_subreaper()
    process.call_ourselves(SPAWNER_NAME)
    service = Service(
        Attempts(entries), listener=listener, role=Role.TAKING, grace_s=grace_s, idle_s=idle_s
    )
    service.watch_partner(reaper)
    service.run()


def _detach() -> None:
    """Leave the starter's signals and garbage behind; its session it gave us none of."""
    for number in signal.valid_signals() - _DEFAULTED:
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)
    for number in _NOT_FOR_US:
        # A handler and not SIG_IGN, which the jobs would inherit.
        signal.signal(number, _nothing)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    gc.collect()
    gc.freeze()
    gc.disable()


def _in_own_process(work: Callable[[], None]) -> None:
    """Do the work and end this process, whatever happens."""
    status = 1
    try:
        work()
        status = 0
    except BaseException:
        sys.excepthook(*sys.exc_info())
        raise
    finally:
        os._exit(status)


def _keep_only_a_log() -> None:
    """Replace the starter's standard files, and stay in no directory that somebody may want to unmount."""
    silence = os.open(
        os.devnull, os.O_RDONLY
    )  # jobs have it as well, where no other standard input is asked for
    null = os.open(os.devnull, os.O_WRONLY)
    log = os.open(LOG, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    files = (silence, null, log)
    for target, source in enumerate(files):
        os.dup2(source, target)
    for file in files:
        os.close(file)
    os.chdir("/")


def _become_subreaper() -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "the kernel has no child subreapers; Linux 3.4 is needed")


def _nothing(_number: int, _frame: object) -> None:
    """Be a handler and do nothing."""
