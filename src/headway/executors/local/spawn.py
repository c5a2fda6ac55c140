"""Starts one process, in the spawner: files, directory, executable, and words for what is wrong with them.

posix_spawn has no way to say a directory; the spawner has one thread and no use for a directory of its own, so it goes
there itself first. That is as fast as no directory (a launcher in between costs a second exec).
"""

# The helper processes do without pathlib: it costs memory, and paths are bytes here.
# ruff: noqa: PTH102, PTH106, PTH108, PTH110, PTH113, PTH118, PTH120

import errno
import os
import signal
import stat
from contextlib import suppress

from headway.executors.local import process
from headway.executors.local.wire import Launch

_OUTPUT = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW
#: Python ignores these in every process of its own; a job expects the default.
_TO_DEFAULT = [signal.SIGPIPE, signal.SIGXFSZ]
#: The machine's trouble, not the job's: the same launch may work later.
_TRANSIENT = frozenset(
    {
        errno.EAGAIN,
        errno.EDQUOT,
        errno.EIO,
        errno.EMFILE,
        errno.ENFILE,
        errno.ENOMEM,
        errno.ENOSPC,
    }
)


class NotStarted(Exception):
    """No process was made. ``later``: the machine could not now; the same may work another time."""

    def __init__(self, message: str, *, later: bool) -> None:
        super().__init__(message)
        self.later = later


def start(launch: Launch, *, inherited: dict[bytes, bytes], brand: int) -> int:
    """Start a process in its own session with the brand on it; gives its pid.

    Its standard input is this process's own, which is /dev/null, where the launch names none. This process's own directory
    and brand are changed: see ``settle_down``.

    Raises:
        NotStarted: nothing runs.
    """
    environment = dict(pair.split(b"=", 1) for pair in launch.environment)
    if launch.inherit:
        environment = inherited | environment
    opened: dict[int, int] = {}
    try:
        if not launch.directory:
            _make_directory(launch.place)
        if launch.stdin_path:
            opened[0] = _stdin(launch.stdin_path)
        for number, place in enumerate(_outputs(launch), 1):
            opened[number] = _output(place)
        _enter(launch.directory or launch.place)
        executable = _find(launch.argv[0], environment.get(b"PATH", os.defpath.encode()))
        process.wear(brand)
        return _spawn(executable, launch.argv, environment, opened)
    finally:
        for file in opened.values():
            os.close(file)


def make_ready(launch: Launch) -> None:
    """Make what ``start`` would find missing: the attempt's directory and its output files. What cannot be made, ``start`` will tell."""
    with suppress(NotStarted):
        if not launch.directory:
            _make_directory(launch.place)
        for place in _outputs(launch):
            os.close(_output(place))


def unmake(launch: Launch) -> None:
    """Take away what ``make_ready`` made for something that was never started."""
    for place in _outputs(launch):
        with suppress(OSError):
            os.unlink(place)
    with suppress(OSError):
        os.rmdir(launch.place)


def settle_down() -> None:
    """Take the last job's brand off, and leave its directory."""
    process.wear(0)
    os.chdir("/")


def _spawn(
    executable: bytes, argv: list[bytes], environment: dict[bytes, bytes], files: dict[int, int]
) -> int:
    try:
        return os.posix_spawn(
            executable,
            argv,
            environment,
            file_actions=[(os.POSIX_SPAWN_DUP2, file, to) for to, file in files.items()],
            setsid=True,
            setsigmask=(),
            setsigdef=_TO_DEFAULT,
        )
    except OSError as error:
        raise _not_started(error, "the executable", executable) from error


def _make_directory(path: bytes) -> None:
    try:
        _make(path)
    except OSError as error:
        raise _not_started(error, "the attempt's directory", path) from error


def _make(path: bytes) -> None:
    try:
        os.mkdir(path, 0o700)
    except FileExistsError:
        pass
    except FileNotFoundError:
        _make(os.path.dirname(path))
        _make(path)


def _stdin(path: bytes) -> int:
    # O_NONBLOCK: opening a pipe without a writer would stop all other jobs.
    file = _open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK, "the standard input")
    mode = os.fstat(file).st_mode
    if stat.S_ISREG(mode) or stat.S_ISCHR(mode):
        os.set_blocking(file, True)
        return file
    os.close(file)
    raise NotStarted(
        f"the standard input {os.fsdecode(path)!r} is not a file; give the path of a readable file",
        later=False,
    )


def _outputs(launch: Launch) -> tuple[bytes, bytes]:
    return launch.place + b".stdout", launch.place + b".stderr"


def _output(path: bytes) -> int:
    try:
        try:
            return os.open(path, _OUTPUT | os.O_EXCL, 0o600)
        except FileNotFoundError:
            _make(os.path.dirname(path))
            return os.open(path, _OUTPUT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _output_again(path)
    except OSError as error:
        raise _not_started(error, "the output file", path) from error


def _output_again(path: bytes) -> int:
    """Open what is there: an earlier start's file that came to nothing, or what another job put in its place."""
    # O_NONBLOCK: it may be a pipe without a reader.
    file = _open(path, _OUTPUT | os.O_NONBLOCK, "the output file")
    if stat.S_ISREG(os.fstat(file).st_mode):
        os.set_blocking(file, True)
        return file
    os.close(file)
    raise NotStarted(
        f"the output file {os.fsdecode(path)!r} cannot be used: another attempt put something else there",
        later=False,
    )


def _open(path: bytes, flags: int, what: str) -> int:
    try:
        return os.open(path, flags, 0o600)
    except OSError as error:
        raise _not_started(error, what, path) from error


def _enter(directory: bytes) -> None:
    try:
        os.chdir(directory)
    except OSError as error:
        raise _not_started(error, "the working directory", directory) from error


def _find(name: bytes, path: bytes) -> bytes:
    """Look an executable up as a shell would: in the job's own PATH, from its own directory."""
    if b"/" in name:
        return name
    for place in path.split(b":"):
        candidate = os.path.join(place or b".", name)
        if os.access(candidate, os.X_OK) and os.path.isfile(candidate):
            return candidate
    raise NotStarted(
        f"the executable {os.fsdecode(name)!r} is in no directory of the job's PATH"
        f" ({os.fsdecode(path)}); give its full path",
        later=False,
    )


_WORDS = {
    errno.E2BIG: "arguments and environment are longer than this machine allows",
    errno.ENOEXEC: "it is no program; a script must begin with #! and its interpreter",
    errno.ENOENT: "it does not exist",
    errno.EACCES: "permission denied",
}


def _not_started(error: OSError, what: str, path: bytes) -> NotStarted:
    number = error.errno or 0
    why = _WORDS.get(number, os.strerror(number))
    shown = os.fsdecode(path)
    if number == errno.ENOENT and what == "the executable" and os.path.exists(path):
        why = "the interpreter that its first line names does not exist"
    return NotStarted(f"{what} {shown!r} cannot be used: {why}", later=number in _TRANSIENT)
