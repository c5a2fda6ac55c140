"""What a user looks for, as the server is asked for it. The search grammar itself is the server's."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

from headway.cli.times import read_since
from headway.core.errors import InvalidRequest
from headway.sdk.specs import Selection

STATES: Final = ("accepted", "queued", "running", "succeeded", "failed", "cancelled")

#: One word for several states.
_GROUPS: Final[Mapping[str, tuple[str, ...]]] = {
    "active": ("accepted", "queued", "running"),
    "waiting": ("accepted", "queued"),
    "ended": ("succeeded", "failed", "cancelled"),
}
STATE_WORDS: Final = (*STATES, *_GROUPS)

#: Characters that mean something in a query: who typed one of them wrote a query, and not a name with blanks.
_GRAMMAR: Final = frozenset('":()[]{}\\*')
_OWN_WORDS: Final = frozenset({"AND", "OR", "NOT"})


def query_of(words: Iterable[str]) -> str:
    """Give the query that a command line's words are.

    A shell takes quotation marks away: ``name:"night run"`` comes as ``name:night run``. They are put back where a word
    with blanks in it can be no query of its own.
    """
    return " ".join(_requoted(word) for word in words)


def _requoted(word: str) -> str:
    parts = word.split()
    field, colon, value = word.partition(":")
    text = value if colon and field.lstrip("-").replace("_", "").isalpha() else word
    if len(parts) <= 1 or not _GRAMMAR.isdisjoint(text) or not _OWN_WORDS.isdisjoint(parts):
        return word
    if any(part.startswith("-") for part in parts[1:]) or value.startswith((">", "<", " ")):
        return word
    return f'{word[: len(word) - len(text)]}"{text}"'


def read_selection(
    words: Iterable[str],
    options: Mapping[str, str | Sequence[str] | None],
    *,
    at: datetime,
) -> Selection:
    """Give the selection that a query's words and the options make together, as of ``at``.

    Raises:
        InvalidRequest: a state that there is not, or a time that is none.
    """
    given = {name: said for name, said in options.items() if said is not None}
    since = given.pop("since", None)
    selection: Selection = {"q": query_of(words), **given}  # type: ignore[typeddict-item]  # the options' names are its
    selection["states"] = states_of(given.get("states", ()))
    if isinstance(since, str):
        selection["since"] = read_since(since, at=at)
    return selection


def states_of(words: Iterable[str]) -> list[str]:
    """Give the states that words name; ``active``, ``waiting`` and ``ended`` name several.

    Raises:
        InvalidRequest: there is no such state.
    """
    states: list[str] = []
    for word in words:
        if word not in STATE_WORDS:
            raise InvalidRequest(
                f"{word!r} is no state; there are {', '.join(STATE_WORDS)}", field="state"
            )
        states += _GROUPS.get(word, (word,))
    return list(dict.fromkeys(states))
