"""The texts that have a login node's shell reach files, with what every such machine has. Pure.

Each is done in a shell of its own, in the C locale; its exit code is 0 when all went well, else it has complained.
"""

import itertools
import posixpath
from collections.abc import Iterator, Sequence
from typing import Final

from headway.core.ports.executor import LogPart
from headway.executors.batch.shell import printed, quoted, words
from headway.executors.batch.transport import File

SMALL_BYTES: Final = 64 << 10
NO_FILE: Final = 3  #: exit code of ``reading``: nothing is there that could be read
IS_THERE: Final = 4  #: exit code of ``writing_new``: there is one of that name
_AT_ONCE: Final = 200
_LEAST_BLOCK_BYTES: Final = 512
_LARGEST_BLOCK_BYTES: Final = 64 << 10
_BLOCKS: Final = 8  #: so many blocks, or some more, are read

# sync(1) takes names since coreutils 8.24. One that takes none syncs all, which will do; so it must for a directory that a
# file system does not sync by itself. But what it says of a file is true: there is where a full quota shows first.
_WRITING: Final = b"""\
umask 077
bad= made= names=
sync -- / 2>/dev/null && names=1
durable() { if [ $names ]; then sync -- "$@"; else sync; fi; }
listed() { { [ $names ] && sync -- "$@" 2>/dev/null; } || sync; }
into() {
if [ -h "$2" ]; then rm -f -- "$2"; fi
if [ -d "$2" ]; then echo "$2 is a directory" >&2; return 1; fi
mv -f -- "$1" "$2"
}
"""

# A link is made by one only, on network file systems too. There its answer may be lost: then the count of names tells.
_LINKING: Final = (
    b"""\
link() {
if ! [ -d "$2" ] && ln -- "$1" "$2" 2>/dev/null; then return 0; fi
[ "$(ls -ldn -- "$1" | (read -r m l x; echo "$l"))" = 2 ] && return 0
if [ -e "$2" ] || [ -h "$2" ]; then return %d; fi
ln -- "$1" "$2"
}
"""
    % IS_THERE
)
_MADE_LISTED: Final = b'[ "$made" ] || exit 0\neval "listed $made"\n'

# What a job forbade its own user is allowed again.
_RIGHTS: Final = b"""\
rights() {
[ -x "${1%/*}" ] || [ -h "${1%/*}" ] || ! [ -d "${1%/*}" ] || chmod u+rwx "${1%/*}" 2>/dev/null
[ -r "$1" ] || [ -h "$1" ] || ! [ -f "$1" ] || chmod u+r "$1" 2>/dev/null
}
"""

# That nothing is there is known only from the words: a file system that is away looks like one without files.
_ABSENT: Final = b"""\
absent() {
[ $# -eq 0 ] && return
ls -d -- "$@" 2>&1 >/dev/null | grep -v -e 'No such file or directory$' -e 'Not a directory$' \
 -e 'File name too long$' -e 'Too many levels of symbolic links$' $also >&2 || return 0
return 1
}
also=
"""

# Sizes stand before the contents, and behind them once more: then nothing was written meanwhile. What a job has put in the place
# of its own directory or file, and cannot be read (a link to what is closed to us, a file of somebody else's), is not there.
_COLLECTING: Final = b"""\
heads() {
if head -q -c 1 /dev/null 2>/dev/null; then head -q -c %d -- "$@"
else for p do dd bs=%d count=1 <"$p" 2>/dev/null || return; done; fi
}
there() {
n=0 numbers= all= own=
for p do
n=$((n+1))
[ -x "${p%%/*}" ] || rights "$p"
[ -x "${p%%/*}" ] || ! [ -h "${p%%/*}" ] || continue
own="$own \\"\\${$n}\\""
[ -f "$p" ] || continue
[ -h "$p" ] && continue
[ -r "$p" ] || rights "$p"
[ -r "$p" ] || [ -O "$p" ] || continue
numbers="$numbers $n" all="$all \\"\\${$n}\\""
done
echo "$numbers"
[ "$numbers" ] || { eval "absent $own"; return; }
eval "here $all" && eval "absent $own"
}
here() { wc -c -- "$@" && heads "$@" && wc -c -- "$@"; }
""" % (SMALL_BYTES, SMALL_BYTES)

_MISSING: Final = b"""\
missing() {
n=0
for p do shift
n=$((n+1))
[ -d "$p" ] && [ -x "$p" ] && continue
echo $n
[ -d "$p" ] || set -- "$@" "$p"
done
absent "$@"
}
also='-e Permission.denied$'
"""

# Names may have newlines in them, which ls(1) does not tell from its own; but it tells of troubles, which a pattern does not.
_NAMES: Final = b"""\
names() {
[ -d "$1" ] || [ -e "$1" ] || [ -h "$1" ] || { absent "$1"; return; }
ls -a -- "$1/" >/dev/null && cd -- "$1/" || return
for f in * .[!.]* ..?*; do
if [ -e "$f" ] || [ -h "$f" ]; then printf '%s\\0' "$f"; fi
done
}
"""


def writing(files: Sequence[File], nonce: str) -> bytes:
    """Give the text that writes files; ``nonce`` is in no name that is there."""
    places = list(dict.fromkeys(posixpath.dirname(file.path) for file in files))
    lasting = [number for number, file in enumerate(files) if file.is_lasting]
    listed = dict.fromkeys(posixpath.dirname(files[number].path) for number in lasting)
    parts = [
        f"{posixpath.dirname(file.path)}/.headway-{nonce}-{number}"
        for number, file in enumerate(files)
    ]
    above = dict.fromkeys(posixpath.dirname(place) for place in listed)
    return b"".join(
        [
            _WRITING,
            *_making(places),
            *_filling(files, parts),
            *_in_turns(b"[ $bad ] || durable", [parts[number] for number in lasting], b"|| bad=1"),
            *_naming(files, parts),
            *_in_turns(b"listed", [*listed, *above], b"|| exit 1"),
            _MADE_LISTED if lasting else b"exit 0\n",
        ]
    )


def writing_new(file: File, nonce: str) -> bytes:
    """Give the text that writes a file unless there is one; ``nonce`` as above."""
    place = posixpath.dirname(file.path)
    part = f"{place}/.headway-{nonce}-0"
    return b"".join(
        [
            _WRITING,
            _LINKING,
            *_making([place]),
            *_filling([file], [part]),
            b"[ $bad ] || durable %s || bad=1\n" % words([part]),
            b"[ $bad ] || link %s\n" % words([part, file.path]),
            b"c=$?\nrm -f -- %s\n" % words([part]),
            b"[ $bad ] && exit 1\n[ $c = 0 ] || exit $c\n",
            b"listed %s || exit 1\n" % words([place, posixpath.dirname(place)]),
            _MADE_LISTED,
        ]
    )


def _making(places: Sequence[str]) -> Iterator[bytes]:
    """Make directories; where those that they are in are made too, the ones above get new names."""
    pairs = (
        pair
        for place in places
        for pair in itertools.pairwise(_ancestors(posixpath.dirname(place)))
    )
    for lower, upper in dict.fromkeys(pairs):
        name = quoted(words([upper]))
        yield b"[ -d " + words([lower]) + b' ] || made="$made "' + name + b"\n"
    yield from _in_turns(b"mkdir -p --", places, b"|| exit 1")


def _ancestors(path: str) -> Iterator[str]:
    """Give a path and those above it."""
    yield path
    while path not in {"/", ""}:
        path = posixpath.dirname(path)
        yield path


def _filling(files: Sequence[File], parts: Sequence[str]) -> Iterator[bytes]:
    for file, part in zip(files, parts, strict=True):
        yield b"printf " + printed(file.data) + b" >" + words([part]) + b" || bad=1\n"
    for mode in sorted({file.mode for file in files} - {0o600}):
        those = [part for file, part in zip(files, parts, strict=True) if file.mode == mode]
        yield from _in_turns(b"chmod %o" % mode, those, b"|| bad=1")


def _naming(files: Sequence[File], parts: Sequence[str]) -> Iterator[bytes]:
    for file, part in zip(files, parts, strict=True):
        yield b"[ $bad ] || into " + words([part, file.path]) + b" || bad=1\n"
    yield from _in_turns(b"[ $bad ] && rm -f --", parts, b"")
    yield b"[ $bad ] && exit 1\n"


def _in_turns(command: bytes, paths: Sequence[str], then: bytes) -> Iterator[bytes]:
    """Give a command some paths at a time: there is a limit to how many it takes."""
    for some in _some_at_once(paths):
        yield command + b" " + words(some) + b" " + then + b"\n"


def collecting(paths: Sequence[str]) -> bytes:
    """Give the text that prints small files; see ``collected``."""
    lines = (b"there " + words(some) + b" || exit 1\n" for some in _some_at_once(paths))
    return b"".join([_RIGHTS, _ABSENT, _COLLECTING, *lines, b"exit 0\n"])


def collected(printed_bytes: bytes, paths: Sequence[str]) -> dict[str, bytes] | None:
    """Read what was printed of these files; None when they cannot be told apart, as one was being written."""
    found: dict[str, bytes] = {}
    at = 0
    for some in _some_at_once(paths):
        line, at = _lines(printed_bytes, at, 1)
        try:
            there = [some[int(number) - 1] for number in line[0].split()]
            sizes, at = _sizes(printed_bytes, at, len(there))
            for path, size in zip(there, sizes, strict=True):
                found[path] = printed_bytes[at : at + size]
                at += size
            again, at = _sizes(printed_bytes, at, len(there))
        except (ValueError, IndexError):
            return None
        if again != sizes:
            return None
    return found if at == len(printed_bytes) else None


def _some_at_once(paths: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(paths), _AT_ONCE):
        yield paths[start : start + _AT_ONCE]


def _sizes(data: bytes, at: int, file_count: int) -> tuple[list[int], int]:
    """Read how much of each file is printed, from the lines of wc(1) from ``at``; gives where they end too.

    Raises:
        ValueError: these are not its lines.
        IndexError: likewise.
    """
    lines, end = _lines(data, at, file_count + (file_count > 1))  # the last one has the sum
    sizes = [int(line.split(maxsplit=1)[0]) for line in lines[:file_count]]
    return [min(size, SMALL_BYTES) for size in sizes], end


def _lines(data: bytes, at: int, count: int) -> tuple[list[bytes], int]:
    """Give so many lines from ``at``, and where they end; empty ones where there are no more."""
    lines = []
    for _ in range(count):
        end = data.find(b"\n", at) + 1 or len(data)
        lines.append(data[at:end])
        at = end
    return lines, at


def missing(paths: Sequence[str]) -> bytes:
    """Give the text that prints the numbers, from 1, of those that are no directories that may be entered."""
    return _ABSENT + _MISSING + b"missing " + words(paths) + b"\n"


def naming(directory: str) -> bytes:
    """Give the text that prints the names in a directory, a NUL behind each; none of one that is not there."""
    return _ABSENT + _NAMES + b"names " + words([directory]) + b"\n"


def block_bytes(limit: int) -> int:
    """Tell in what blocks some bytes are best read: few, and not much more than wanted."""
    block = _LEAST_BLOCK_BYTES
    while block * _BLOCKS < limit and block < _LARGEST_BLOCK_BYTES:
        block *= 2
    return block


def reading(path: str, *, offset: int, limit: int, is_ours: bool = True) -> bytes:
    """Give the text that prints a file's size in a line, and whole blocks of it from ``offset`` or somewhat before.

    The rights of one that is not ours are left as they are: it is as if it were not there.
    """
    block = block_bytes(limit)
    skipped = offset // block
    count = -(-(offset + limit) // block) - skipped
    return b"".join(
        [
            _RIGHTS,
            _ABSENT,
            b"p=" + words([path]) + b"\n",
            b'rights "$p"\n' if is_ours else b'[ -r "$p" ] || ! [ -e "$p" ] || exit %d\n' % NO_FILE,
            b'if [ -h "$p" ] || { [ -e "$p" ] && ! [ -f "$p" ]; }; then exit %d; fi\n' % NO_FILE,
            b'if ! [ -e "$p" ]; then absent "$p" && exit %d; exit 1; fi\n' % NO_FILE,
            b'set -f\nset -- $(ls -ldn -- "$p")\nprintf \'%s\\n\' "$5"\n',
            b'[ "$5" -gt %d ] || exit 0\n' % offset,
            b'dd if="$p" bs=%d skip=%d count=%d\n' % (block, skipped, count),
        ]
    )


def read(printed_bytes: bytes, *, offset: int, limit: int) -> LogPart:
    """Read what ``reading`` printed."""
    size, _, blocks = printed_bytes.partition(b"\n")
    before = offset % block_bytes(limit)
    return LogPart(data=blocks[before : before + limit], size=int(size))
