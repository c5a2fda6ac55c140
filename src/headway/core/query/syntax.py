"""A query's text, split into clauses; what the words mean is of no concern here. One pass, no backtracking."""

import re
from typing import Final, NamedTuple, TypeAlias

from headway.core.errors import InvalidRequest

LONGEST: Final = 1000  #: characters of a query
MOST_VALUES: Final = 32  #: of all clauses together

_FIELD: Final = re.compile(r"([A-Za-z][A-Za-z_]*):(?!//)", re.ASCII)
_SIGN: Final = re.compile(r">=|<=|>|<|=")
_BLANKS: Final = re.compile(r"\s*")
_SHOWN: Final = 40


class Word(NamedTuple):
    """One word or phrase.

    Attributes:
        at: where it begins in the query; 0 is the first character.
        begins: a ``*`` at its end was taken away.
        star_at: where there is another ``*``, if any.
    """

    text: str
    at: int
    quoted: bool = False
    begins: bool = False
    star_at: int | None = None


class Compared(NamedTuple):
    """A word, with ``>``, ``>=``, ``<`` or ``<=`` before it, or nothing."""

    sign: str
    word: Word


class Between(NamedTuple):
    """``[LEAST TO MOST]``; round the ends with ``{`` or ``}`` that end itself is left out."""

    least: Word
    most: Word
    with_least: bool
    with_most: bool


Given: TypeAlias = Compared | Between


class Clause(NamedTuple):
    """What must hold: one of the values for the field, or, when negated, none. ``field`` is "" for free words."""

    field: str
    at: int
    negated: bool
    values: tuple[Given, ...]


def refused(words: str, *, at: int) -> InvalidRequest:
    """Make the error for something wrong at a place, counted from 0, in a query."""
    return InvalidRequest(f"in the query, at character {at + 1}: {words}", field="q")


def shown(text: str) -> str:
    """Give some of the query's text as a message shows it."""
    return repr(text) if len(text) <= _SHOWN else f"{text[:_SHOWN]!r}…"


def split(text: str) -> list[Clause]:
    """Split a query into its clauses.

    Raises:
        InvalidRequest: too long, too many values, or a bracket, quote or value is missing; the message says where.
    """
    if len(text) > LONGEST:
        raise InvalidRequest(
            f"a query may have at most {LONGEST} characters, not {len(text)}", field="q"
        )
    return _Reader(text).clauses()


class _Reader:
    """Reads from left to right. ``place`` is the next character."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.place = 0
        self.values = 0

    def clauses(self) -> list[Clause]:
        """Read all clauses."""
        found: list[Clause] = []
        while not self._is_at_end():
            if self._takes("AND"):
                continue
            if self._takes("OR"):
                raise refused(
                    "OR stands between the values of one field: state:(failed OR cancelled)",
                    at=self.place - 2,
                )
            found.append(self._clause())
        return found

    def _clause(self) -> Clause:
        at = self.place
        negated = self._is_negated()
        field = _FIELD.match(self.text, self.place)
        if field is None:
            return Clause("", at, negated, self._values(""))
        self.place = field.end()
        if not self._here() or self._here().isspace():
            raise refused(f"{field[1]}: needs a value behind the colon", at=field.start())
        return Clause(field[1], field.start(), negated, self._values(field[1]))

    def _is_negated(self) -> bool:
        at = self.place
        after = self.text[at + 1 : at + 2]
        if self._here() == "-" and after and not after.isspace():
            self.place += 1
            return True
        if not self._takes("NOT"):
            return False
        if self._is_at_end():
            raise refused("NOT needs something behind it", at=at)
        return True

    def _values(self, field: str) -> tuple[Given, ...]:
        if self._here() != "(":
            return (self._value(field, ""),)
        opened = self.place
        self.place += 1
        values: list[Given] = []
        while True:
            if self._is_at_end():
                raise refused("this ( is not closed", at=opened)
            values.append(self._value(field, ")"))
            if self._is_at_end():
                raise refused("this ( is not closed", at=opened)
            if self._here() == ")":
                self.place += 1
                return tuple(values)
            if not self._takes("OR"):
                raise refused("between values in ( ) there must be OR", at=self.place)

    def _value(self, field: str, closing: str) -> Given:
        self.values += 1
        if self.values > MOST_VALUES:
            raise refused(f"more than {MOST_VALUES} words and values", at=self.place)
        if field and self._here() in {"[", "{"}:
            return self._between()
        sign = _SIGN.match(self.text, self.place) if field else None
        if sign is not None:
            self.place = sign.end()
        return Compared("" if sign is None else sign[0].replace("==", "="), self._word(closing))

    def _between(self) -> Between:
        opened = self.place
        with_least = self._here() == "["
        self.place += 1
        least = self._end_of_range(opened)
        if self._is_at_end() or not self._takes("TO"):
            raise refused("a range is written [FROM TO TILL]; TO is missing", at=opened)
        most = self._end_of_range(opened)
        if self._is_at_end() or self._here() not in {"]", "}"}:
            raise refused("this range is not closed by ] or }", at=opened)
        with_most = self._here() == "]"
        self.place += 1
        return Between(least, most, with_least, with_most)

    def _end_of_range(self, opened: int) -> Word:
        if self._is_at_end():
            raise refused("this range is not closed by ] or }", at=opened)
        return self._word("]}")

    def _word(self, closing: str) -> Word:
        at = self.place
        word = self._phrase() if self._here() == '"' else self._bare(closing)
        if not word.text and not word.begins:
            raise refused("a value is missing", at=at)
        return word

    def _phrase(self) -> Word:
        at = self.place
        self.place += 1
        text: list[str] = []
        while (character := self._here()) != '"':
            if not character:
                raise refused("this quotation mark is not closed", at=at)
            text.append(self._character())
        self.place += 1
        return Word("".join(text), at, quoted=True)

    def _bare(self, closing: str) -> Word:
        at = self.place
        text: list[str] = []
        stars: list[int] = []
        while (character := self._here()) and not character.isspace() and character not in closing:
            if character == "*":
                stars.append(self.place)
            text.append(self._character())
        begins = bool(stars) and stars[-1] == self.place - 1
        if begins:
            stars.pop()
            text.pop()
        return Word("".join(text), at, begins=begins, star_at=stars[0] if stars else None)

    def _character(self) -> str:
        r"""Take a character; one behind ``\`` stands for itself, whatever it is."""
        if self._here() == "\\" and self.place + 1 < len(self.text):
            self.place += 1
        self.place += 1
        return self.text[self.place - 1]

    def _here(self) -> str:
        return self.text[self.place : self.place + 1]

    def _is_at_end(self) -> bool:
        """Go over blanks; tells whether nothing comes behind them."""
        blanks = _BLANKS.match(self.text, self.place)
        self.place = self.place if blanks is None else blanks.end()
        return self.place == len(self.text)

    def _takes(self, word: str) -> bool:
        """Take one of the grammar's own words, if it is next."""
        end = self.place + len(word)
        after = self.text[end : end + 1]
        if self.text[self.place : end] != word or (after and not after.isspace() and after != "("):
            return False
        self.place = end
        return True
