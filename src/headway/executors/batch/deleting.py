"""Deleting directories with what every machine has. Pure: gives the shell's text."""

from collections.abc import Iterator, Sequence
from typing import Final

from headway.executors.batch.shell import words

_AT_ONCE: Final = 100

# What a job forbade its own user is allowed again first: rm deletes nothing in a directory that it may not write to.
# find goes through no link that it is given, or meets. Where rm can, it spares other file systems that are mounted there.
_DEFINED: Final = b"""\
one=
rm -f --one-file-system </dev/null >/dev/null 2>&1 && one=--one-file-system
gone() {
rm -rf $one -- "$@" 2>/dev/null && return
find "$@" -type d ! -perm -700 -exec chmod u+rwx {} \\; 2>/dev/null
rm -rf $one -- "$@"
}
bad=0
"""


def deleting(directories: Sequence[str]) -> bytes:
    """Give the text that deletes these directories; its exit code is 0 when none is there any more."""
    return _DEFINED + b"".join(_lines(directories)) + b"exit $bad\n"


def _lines(directories: Sequence[str]) -> Iterator[bytes]:
    for start in range(0, len(directories), _AT_ONCE):
        paths = [path.rstrip("/") for path in directories[start : start + _AT_ONCE]]
        yield b"gone " + words(paths) + b" || bad=1\n"
