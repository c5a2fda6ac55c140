"""The operation suggest: how the query that somebody is typing may go on."""

from collections.abc import Iterable, Iterator
from typing import Final

from headway.core.core import Core
from headway.core.model.condition import Field
from headway.core.model.principal import Principal, Scope
from headway.core.policy.access import require, visibility_of
from headway.core.query.fields import FIELDS, Asked, Takes, field_called
from headway.core.query.unfinished import Suggestion, Unfinished, last_word, written

_STORED: Final = (Field.LABEL, Field.NAME, Field.OWNER)  # that a free word may be the beginning of
_A_FEW: Final = 5
_FLAGS: Final = ("true", "false")


async def suggest(core: Core, *, actor: Principal, q: str, limit: int) -> list[Suggestion]:
    """Give words that the last one of a query may become, the likeliest kinds first. The query may have mistakes.

    Raises:
        Forbidden: the actor may not read.
    """
    require(actor, Scope.READ)
    word = last_word(q)
    if word.field:
        asked = field_called(word.field)
        values = [] if asked is None else await _values(core, actor, asked, word.text, limit)
        return [_value(word, word.field, value) for value in values][:limit]
    found = [] if word.is_bound else list(_own_words(word))
    for field in _STORED if word.text else ():
        values = await _values(core, actor, FIELDS[field], word.text, _A_FEW)
        found += [_value(word, field, value) for value in values]
    return found[:limit]


async def _values(
    core: Core, actor: Principal, asked: Asked, prefix: str, limit: int
) -> Iterable[str]:
    if asked.takes is Takes.CHOICES:
        return [choice for choice in asked.choices if choice.startswith(prefix.lower())]
    if asked.takes is Takes.FLAG:
        return [flag for flag in _FLAGS if flag.startswith(prefix.lower())]
    if asked.takes is Takes.GROUP:
        return await core.store.group_names(actor.name, prefix, limit=limit)
    if asked.takes is not Takes.WORDS:
        return ()
    words = await core.store.words(asked.field, prefix, visibility_of(actor), limit=limit)
    if asked.field is not Field.CLUSTER:
        return words
    configured = [name for name in core.executors if name.startswith(prefix)]
    return sorted({*words, *configured})


def _own_words(word: Unfinished) -> Iterator[Suggestion]:
    """Suggest fields and states that begin with a word."""
    text = word.text.lower()
    for name in FIELDS:
        if name.startswith(text):
            yield Suggestion(text=f"{name}:", kind="field", q=f"{word.before}{name}:")
    for state in (*FIELDS["state"].choices,) if text else ():
        if state.startswith(text) and state not in FIELDS:
            yield _value(word, "state", state)


def _value(word: Unfinished, field: str, value: str) -> Suggestion:
    text = f"{field}:{written(value)}"
    q = word.before + (written(value) if word.field else text)
    return Suggestion(text=text, kind=str(field), q=q)
