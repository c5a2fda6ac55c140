"""How an answer comes back from a login node: between two marks that nobody can guess, or it is none. Pure.

What a login prints before and after (a profile's greetings) is outside of the marks; an answer that was cut has no second one.
"""

import re
from typing import Final

import msgspec

#: A shell's text that reads one line and does what that says.
LISTENING: Final = 'L=${LC_ALL-};unset LC_ALL;LC_ALL=C;IFS= read -r s&&eval "$s"'
_LONGEST_CODE: Final = 8
_CODE: Final = re.compile(rb" ([0-9]{1,4})\n")
#: ksh93 gives 256 + n for the signal n, all others 128 + n.
_KSH_SIGNAL: Final = 256


def bootstrap(shell: str) -> str:
    """Give the words for a login's shell that have a POSIX one read one line, and do what that says.

    sh, csh, fish and their kin read them alike: they hold no quote in quotes, no backslash, no exclamation mark, no newline.
    LC_ALL is kept as L, so that bytes are bytes, and complaints are in English.
    """
    return f"exec {shell} -c '{LISTENING}'"


class Marks:
    """What stands before and behind an answer on both outputs.

    Args:
        nonce: letters and digits that occur in no answer.
    """

    def __init__(self, nonce: str) -> None:
        self.begin = f"headway-{nonce}-begin"
        self.end = f"headway-{nonce}-end"

    @property
    def say_begin(self) -> bytes:
        """A shell's command that prints the first ones."""
        return f"printf '%s\\n' {self.begin};printf '%s\\n' {self.begin} >&2".encode()

    @property
    def say_end(self) -> bytes:
        """A shell's command that prints the last ones, with the exit code that is in ``$c``; the error output is ``4``."""
        return (
            f"""printf '\\n%s %d\\n' {self.end} "$c";printf '\\n%s %d\\n' {self.end} "$c" >&4"""
        ).encode()


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """A whole answer."""

    stdout: bytes
    stderr: bytes
    exit_code: int


class Frame:
    """Listens for a whole answer.

    Args:
        begin_limit_s: how long it may take until an answer begins.
        answer_limit_s: how long it may go on then.
    """

    def __init__(self, marks: Marks, *, begin_limit_s: float, answer_limit_s: float) -> None:
        self._out = _Side(marks)
        self._err = _Side(marks)
        self._begin_limit_s = begin_limit_s
        self._answer_limit_s = answer_limit_s
        self._began_s: float | None = None

    def heard(self, stdout: bytearray, stderr: bytearray, after_s: float) -> None:
        """Hear all that was printed until now."""
        self._out.heard(stdout)
        self._err.heard(stderr)
        if self._began_s is None and self.has_begun:
            self._began_s = after_s

    @property
    def has_begun(self) -> bool:
        """Whether the other side said that it begins."""
        return self._out.start >= 0

    @property
    def has_all(self) -> bool:
        """Whether the answer is whole."""
        return self._out.code is not None and self._err.code is not None

    @property
    def limit_s(self) -> float:
        """How long after its start it may go on."""
        if self._began_s is None:
            return self._begin_limit_s
        return self._began_s + self._answer_limit_s

    def answer(self, stdout: bytes, stderr: bytes) -> Answer | None:
        """Give the answer from all that was printed; None when it is not whole."""
        code = self._out.code
        if code is None or self._err.code is None:
            return None
        return Answer(
            stdout=stdout[self._out.start : self._out.stop],
            stderr=stderr[self._err.start : self._err.stop],
            exit_code=code - _KSH_SIGNAL + 128 if code > _KSH_SIGNAL else code,
        )

    def outside(self, stderr: bytes) -> bytes:
        """Give what was said without being part of an answer: by ssh, or by the login."""
        if self._err.start < 0:
            return stderr
        return stderr[: self._err.first] + (
            stderr[self._err.start :] if self._err.code is None else b""
        )


class _Side:
    """One of the outputs.

    Attributes:
        first: where the first mark is; ``start`` and ``stop`` where the answer is; -1 for what has not been heard yet.
    """

    def __init__(self, marks: Marks) -> None:
        self._begin = f"{marks.begin}\n".encode()
        self._end = f"\n{marks.end}".encode()
        self._looked = 0
        self.first = self.start = self.stop = -1
        self.code: int | None = None

    def heard(self, data: bytearray) -> None:
        if self.start < 0 and self._found(data, self._begin):
            self.first = self._looked
            self.start = self._looked = self.first + len(self._begin)
        if self.start >= 0 and self.code is None and self._found(data, self._end):
            after = self._looked + len(self._end)
            if code := _CODE.match(data, after, after + _LONGEST_CODE):
                self.stop = self._looked
                self.code = int(code[1])

    def _found(self, data: bytearray, mark: bytes) -> bool:
        """Look for a mark in what was not looked through yet; ``_looked`` is where it is, or where to go on."""
        at = data.find(mark, self._looked)
        self._looked = at if at >= 0 else max(self._looked, len(data) - len(mark) + 1)
        return at >= 0
