"""What a user looks for: words of the one search grammar, read into the server's parameters.

A word is looked for in names, status texts and labels; ``field:value`` narrows one field; all must hold.
``state:failed label:campaign-3 created:>2d "free words"``
"""

from collections.abc import Iterable, Mapping
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

#: What a query may call a field, and which of the fields of ``Selection`` that is.
_FIELDS: Final[Mapping[str, str]] = {
    "state": "states",
    "label": "labels",
    "name": "name",
    "owner": "owner",
    "cluster": "cluster",
    "parent": "parent",
    "since": "since",
    "created": "since",
}


def read_words(words: Iterable[str]) -> dict[str, list[str]]:
    """Sort a query's words by the fields of ``Selection``; those of no field are ``text``.

    Raises:
        InvalidRequest: there is no such field.
    """
    found: dict[str, list[str]] = {}
    free: list[str] = []
    for word in words:
        field, colon, value = word.partition(":")
        if not colon or not field.isalpha() or value.startswith("//"):
            free.append(word.strip('"'))
        elif field in _FIELDS:
            found.setdefault(_FIELDS[field], []).append(value.strip('"').lstrip(">="))
        else:
            raise InvalidRequest(
                f"{field} is no field to search by; there are {', '.join(_FIELDS)}."
                f" For the text itself, quote it: '\"{word}\"'",
                field=field,
            )
    if free:
        found["text"] = [" ".join(free)]
    return found


def read_selection(
    words: Iterable[str], options: Mapping[str, str | Iterable[str] | None], *, at: datetime
) -> Selection:
    """Give the selection that a query's words and the options of the same names make together, as of ``at``.

    Raises:
        InvalidRequest: a field or state that there is not, a time that is none, or a single value given twice.
    """
    found = read_words(words)
    for field, said in options.items():
        if said is not None:
            found[field] = [*found.get(field, []), *([said] if isinstance(said, str) else said)]
    since = _single(found, "since")
    return Selection(
        states=states_of(found.get("states", [])),
        labels=found.get("labels", []),
        name=_single(found, "name"),
        owner=_single(found, "owner"),
        cluster=_single(found, "cluster"),
        parent=_single(found, "parent"),
        text=_single(found, "text"),
        since=None if since is None else read_since(since, at=at),
    )


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


def _single(found: Mapping[str, list[str]], field: str) -> str | None:
    values = found.get(field, [])
    if len(values) > 1:
        raise InvalidRequest(f"{field} is given twice; give it once", field=field)
    return values[0] if values else None
