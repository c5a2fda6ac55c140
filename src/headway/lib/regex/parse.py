"""Reading an expression."""

from typing import Final

from headway.lib.regex.syntax import (
    ASCII,
    DIGITS,
    SPACES,
    WIDE,
    WORD,
    Alt,
    At,
    Byte,
    Cat,
    Node,
    Place,
    Repeat,
    mask_of,
)

LONGEST: Final = 1000  #: characters
MOST_REPEATS: Final = 1000
_DEEPEST: Final = 50
_WIDE: Final = 128  # from here on a character has several bytes

_SETS: Final = {"d": DIGITS, "w": WORD, "s": SPACES}
_PLACES: Final = {
    "b": Place.WORD_EDGE,
    "B": Place.NO_WORD_EDGE,
    "A": Place.LINE_START,
    "Z": Place.LINE_END,
}
_CONTROLS: Final = {"t": 9, "r": 13, "f": 12, "v": 11, "a": 7, "0": 0}
_HEX: Final = {"x": 2, "u": 4}
_NOT_HERE: Final = {
    "?=": "looking ahead",
    "?!": "looking ahead",
    "?<=": "looking behind",
    "?<!": "looking behind",
    "?>": "an atomic group",
    "?(": "a conditional group",
    "?P=": "a back-reference",
}


class PatternError(ValueError):
    """The expression cannot be read, or asks for something that is not done here; the message says which and where."""


def parse(text: str, *, ignore_case: bool) -> Node:
    """Read an expression. Upper and lower case of ASCII letters are alike with ``ignore_case``.

    Raises:
        PatternError: it is none that is understood here.
    """
    if len(text) > LONGEST:
        raise PatternError(f"it has {len(text)} characters; at most {LONGEST}")
    reader = _Reader(text, ignore_case=ignore_case)
    node = reader.alternatives(0)
    if reader.more():
        raise reader.error("a ) without its (")
    return node


class _Reader:
    def __init__(self, text: str, *, ignore_case: bool) -> None:
        self._text = text
        self._at = 0
        self._ignore_case = ignore_case

    def more(self) -> bool:
        return self._at < len(self._text)

    def error(self, words: str) -> PatternError:
        return PatternError(f"{words} (at character {self._at + 1})")

    def alternatives(self, depth: int) -> Node:
        if depth > _DEEPEST:
            raise self.error(f"groups are more than {_DEEPEST} deep")
        found = [self._sequence(depth)]
        while self._take("|"):
            found.append(self._sequence(depth))
        return found[0] if len(found) == 1 else Alt(tuple(found))

    def _sequence(self, depth: int) -> Node:
        items: list[Node] = []
        while self.more() and self._text[self._at] not in "|)":
            items.append(self._repeated(self._atom(depth)))
        return items[0] if len(items) == 1 else Cat(tuple(items))

    def _repeated(self, item: Node) -> Node:
        bounds = self._bounds()
        if bounds is None:
            return item
        if isinstance(item, At):
            raise self.error("a place such as ^ or \\b cannot be repeated")
        self._take("?")  # whether few or many are taken first does not change which lines match
        if self.more() and (self._text[self._at] in "*+?" or self._counted() is not None):
            raise self.error("repeated twice; put a group around the inner one")
        return Repeat(item, *bounds)

    def _bounds(self) -> tuple[int, int | None] | None:
        for sign, bounds in (("*", (0, None)), ("+", (1, None)), ("?", (0, 1))):
            if self._take(sign):
                return bounds
        counted = self._counted()
        if counted is None:
            return None
        self._at += counted[0]
        least, most = counted[1:]
        if max(least, most or 0) > MOST_REPEATS or (most is not None and most < least):
            raise self.error(f"repeats must be at most {MOST_REPEATS}, the smaller number first")
        return least, most

    def _counted(self) -> tuple[int, int, int | None] | None:
        """Read ``{m}``, ``{m,}``, ``{,n}`` or ``{m,n}`` ahead; any other brace is a character."""
        end = self._text.find("}", self._at)
        if not self._text.startswith("{", self._at) or end < 0:
            return None
        first, comma, last = self._text[self._at + 1 : end].partition(",")
        if not all(word.isascii() and word.isdigit() for word in (first, last) if word):
            return None
        if not first and not last:
            return None
        least = int(first or 0)
        most = (int(last) if last else None) if comma else least
        return end + 1 - self._at, least, most

    def _atom(self, depth: int) -> Node:
        char = self._next()
        if char == "(":
            return self._group(depth)
        if char == "[":
            return self._class()
        if char == "\\":
            return self._escaped()
        if char == ".":
            return Alt((Byte(ASCII), WIDE))
        if char in "^$":
            return At(Place(char))
        if char in "*+?":
            self._at -= 1
            raise self.error(f"nothing to repeat before {char}")
        return self._character(ord(char))

    def _group(self, depth: int) -> Node:
        for mark, words in _NOT_HERE.items():
            if self._text.startswith(mark, self._at):
                raise self.error(f"{words} is not understood here")
        if self._take("?P<"):
            end = self._text.find(">", self._at)
            if end < 0:
                raise self.error("the group's name has no >")
            self._at = end + 1
        elif not self._take("?:") and self._take("?"):
            raise self.error("this kind of group is not understood here")
        inner = self.alternatives(depth + 1)
        if not self._take(")"):
            raise self.error("a ( without its )")
        return inner

    def _escaped(self) -> Node:
        char = self._next("a \\ at the end")
        if char in _PLACES:
            return At(_PLACES[char])
        if char.lower() in _SETS:
            mask = _SETS[char.lower()]
            return Byte(mask) if char.islower() else Alt((Byte(ASCII & ~mask), WIDE))
        return self._character(self._code(char))

    def _code(self, char: str) -> int:
        """Give the character that an escape stands for."""
        if char in _CONTROLS:
            return _CONTROLS[char]
        if char in _HEX:
            digits = self._text[self._at : self._at + _HEX[char]]
            self._at += _HEX[char]
            try:
                return int(digits, 16)
            except ValueError:
                raise self.error(f"\\{char} needs {_HEX[char]} hexadecimal digits") from None
        if char == "n":
            raise self.error("\\n is never within a line")
        if char.isascii() and char.isalnum():
            raise self.error(f"\\{char} is not understood here")
        return ord(char)

    def _character(self, code: int) -> Node:
        if code == ord("\n"):
            raise self.error("a line end is never within a line")
        if code < _WIDE:
            return Byte(self._both_cases(1 << code))
        try:
            return Cat(tuple(Byte(1 << byte) for byte in chr(code).encode()))
        except UnicodeEncodeError:
            raise self.error("half of a surrogate pair is no character") from None

    def _both_cases(self, mask: int) -> int:
        if not self._ignore_case:
            return mask
        letters = bytes(byte for byte in range(128) if mask >> byte & 1)
        return mask | mask_of(letters.lower() + letters.upper())

    def _class(self) -> Node:
        is_negated = self._take("^")
        mask, wide, others, is_first = 0, False, set[int](), True
        while is_first or not self._text.startswith("]", self._at):
            is_first = False
            low = self._member()
            if isinstance(low, tuple):
                mask |= low[0]
                wide |= low[1]
            elif self._is_range():
                self._at += 1
                mask |= self._range(low)
            elif low < _WIDE:
                mask |= 1 << low
            else:
                others.add(low)
        self._at += 1
        mask = self._both_cases(mask)
        if not is_negated:
            members = [Byte(mask & ASCII), *(self._character(code) for code in sorted(others))]
            return Alt((*members, WIDE) if wide else tuple(members))
        if others:
            raise self.error("[^...] takes ASCII characters only")
        return Byte(ASCII & ~mask) if wide else Alt((Byte(ASCII & ~mask), WIDE))

    def _member(self) -> int | tuple[int, bool]:
        """Read a member of a class: a character, or a set and whether wide characters are in it."""
        char = self._next("a [ without its ]")
        if char != "\\":
            return ord(char)
        char = self._next("a \\ at the end")
        if char.lower() in _SETS:
            mask = _SETS[char.lower()]
            return (mask, False) if char.islower() else (ASCII & ~mask, True)
        return 8 if char == "b" else self._code(char)

    def _is_range(self) -> bool:
        return self._text.startswith("-", self._at) and not self._text.startswith("-]", self._at)

    def _range(self, low: int) -> int:
        high = self._member()
        if isinstance(high, tuple) or not low <= high < _WIDE:
            raise self.error("a range in [...] goes upwards, between two ASCII characters")
        return mask_of(range(low, high + 1))

    def _next(self, otherwise: str = "it ends too early") -> str:
        if not self.more():
            raise self.error(otherwise)
        self._at += 1
        return self._text[self._at - 1]

    def _take(self, word: str) -> bool:
        if not self._text.startswith(word, self._at):
            return False
        self._at += len(word)
        return True
