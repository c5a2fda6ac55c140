"""How a login node's shell is given something to do, and made to end it. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from headway.executors.batch.shell import escaped, printed, quoted, words
from headway.executors.batch.ssh_frame import Marks

# Ends the whole group, ourselves too, when the time is over that even a cut connection leaves us. The sleep is ended with it.
_WATCH_TIME: Final = (
    b"{ trap 'kill $z;exit' TERM;sleep %d&z=$!;wait $z;kill -9 0;}"
    b" </dev/null >/dev/null 2>&1 3<&- 4>&- & t=$!"
)
# Our input ends when the connection does, or when the other side gives up.
_WATCH_CONNECTION: Final = b"{ IFS= read -r x;kill -9 0;} <&3 >/dev/null 2>&1 & w=$!"
# What the shell itself says of processes that were killed is no part of an answer.
_BE_QUIET: Final = b"exec 4>&2 2>/dev/null"
_AS_TOLD: Final = b" 2>&4 3<&- 4>&-"


def command_line(
    marks: Marks,
    argv: Sequence[str],
    *,
    environment: Mapping[str, str],
    stdin: bytes,
    limit_s: int,
    prelude: str,
) -> bytes:
    """Give the one line that has a command run and its answer printed.

    The rest of the input must stay open and empty until the answer is there: at its end all is killed.
    """
    assignments = (f"{name}={value}" for name, value in environment.items())
    command = b'env -- ${L:+"LC_ALL=$L"} ' + words((*assignments, *argv))
    feeding = b"printf " + printed(stdin) + b"|" if stdin else b""
    steps = [
        b"exec 3<&0 </dev/null",
        _WATCH_CONNECTION,
        *_prelude(prelude),
        marks.say_begin,
        _BE_QUIET,
        _WATCH_TIME % limit_s,
        b"(" + feeding + command + b")" + _AS_TOLD,
        b"c=$?",
        marks.say_end,  # where that fails we end here, and what was left behind ends with us
        b"kill $w $t",
    ]
    return _one_line(b"\n".join(steps))


def _prelude(prelude: str) -> Iterator[bytes]:
    if prelude:
        yield b"eval " + words([prelude]) + b" 3<&-"


def whole_script(marks: Marks, body: bytes, *, limit_s: int) -> bytes:
    """Give a line and, up to the end of the input, a script that is done only if it arrived whole.

    Its answer's exit code is the script's.
    """
    last = f"#{marks.end}"
    steps = [
        marks.say_begin,
        b"s=$(cat)",
        f"case $s in *'{last}') ;; *) exit;; esac".encode(),
        _BE_QUIET,
        _WATCH_TIME % limit_s,
        b'(LC_ALL=C;export LC_ALL;eval "$s")' + _AS_TOLD,
        b"c=$?",
        marks.say_end,
        b"kill $t",
    ]
    return _one_line(b"\n".join(steps)) + body + b"\n" + last.encode()


def _one_line(text: bytes) -> bytes:
    """Give text as one line of printable ASCII, which every shell reads alike in every locale."""
    return b'eval "$(printf %b ' + quoted(escaped(text)) + b')"\n'
