"""The word that somebody is typing: the last of a query, which need not be right yet. Pure."""

import re
from typing import Final, NamedTuple

import msgspec

_TOKEN: Final = re.compile(
    r'\s+|"(?:[^"\\]|\\.)*(?:"|\\?$)|[()\[\]{}]|(?:[^\s"()\[\]{}\\]|\\.?)+', re.DOTALL
)
_HEAD: Final = re.compile(r"-?(?:([A-Za-z][A-Za-z_]*):(?!//)(?:>=|<=|>|<|=)?)?", re.ASCII)
_ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)
_PLAIN: Final = re.compile(r'[^\s"()\[\]{}\\*:<>=-][^\s"()\\*]*')
_OWN_WORDS: Final = frozenset({"AND", "OR", "NOT", "TO"})


class Suggestion(msgspec.Struct, frozen=True, kw_only=True):
    """One way to go on.

    Attributes:
        text: the last word, finished.
        kind: ``field``, or the field that it is a value of.
        q: the whole query with it.
    """

    text: str
    kind: str
    q: str


class Unfinished(NamedTuple):
    """What is being typed.

    Attributes:
        before: the query up to the word, with the field's name, bracket or minus before it.
        field: whose value it is; "" when it is a free word or the beginning of a field's name.
        text: what there is of the word, without quotation marks.
        is_bound: it can be nothing but a value: inside brackets, behind a field's colon or a quotation mark.
    """

    before: str
    field: str
    text: str
    is_bound: bool = False


def last_word(query: str) -> Unfinished:
    """Find the word at the end of a query, which need not be a good one. One pass."""
    field, start, is_inside = "", 0, False
    for token in _TOKEN.finditer(query):
        text = token[0]
        if text.isspace():
            field, start = (field if is_inside else ""), token.end()
        elif text in "([{":
            is_inside, start = True, token.end()
        elif text in ")]}":
            field, is_inside, start = "", False, token.end()
        elif text[0] == '"':
            start = token.end() if _is_closed(text) else token.start()
        elif token.start() == start and not is_inside:
            head = _HEAD.match(text)
            if head is not None:
                field, start = head[1] or "", start + head.end()
    word = query[start:]
    is_quoted = word.startswith('"')
    return Unfinished(
        before=query[:start],
        field=field,
        text=_ESCAPED.sub(r"\1", word[1:] if is_quoted else word),
        is_bound=is_inside or is_quoted or bool(field),
    )


def _is_closed(phrase: str) -> bool:
    return len(phrase) > 1 and _ESCAPED.sub("", phrase).endswith('"')


def written(value: str) -> str:
    """Give a value as it is written in a query: in quotation marks when it must be."""
    if _PLAIN.fullmatch(value) and value not in _OWN_WORDS:
        return value
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
