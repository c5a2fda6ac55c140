"""Which words jobs have in a field, by their beginning: quick with a million jobs.

Where an index is in the words' order, it is leapt through from one word to the next. Elsewhere the newest jobs are looked at.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice, takewhile
from typing import Any, Final

from headway.core.model.condition import Field
from headway.core.model.selection import Visibility
from headway.core.model.state import State
from headway.stores.sql.codes import STATE_CODES
from headway.stores.sql.database import Database
from headway.stores.sql.job_rows import labels_of

_NEWEST: Final = 400  # jobs of each state

#: The first word behind another one, in the order of an index.
_LEAPS: Final[Mapping[Field, str]] = {
    Field.NAME: "SELECT name FROM job INDEXED BY job_name WHERE name {} ? AND name <> '' ORDER BY name LIMIT 1",
    Field.LABEL: "SELECT label FROM label WHERE label {} ? ORDER BY label LIMIT 1",
    Field.OWNER: (
        "SELECT owner FROM job INDEXED BY job_root_owner WHERE parent IS NULL AND owner {} ?"
        " ORDER BY owner LIMIT 1"
    ),
}
_COLUMNS: Final[Mapping[Field, str]] = {
    Field.NAME: "name",
    Field.LABEL: "labels",
    Field.OWNER: "owner",
    Field.CLUSTER: "cluster",
    Field.PROTOCOL: "protocol",
    Field.PROJECT: "project",
}


def read_words(
    database: Database, field: Field, prefix: str, visibility: Visibility, limit: int
) -> list[str]:
    """Read words; see Store.words."""
    if visibility.everything and field in _LEAPS:
        found = takewhile(lambda word: word.startswith(prefix), _leaps(database, field, prefix))
        return list(islice(filter(None, found), limit))
    if field not in _COLUMNS or not (visibility.everything or visibility.owner is not None):
        return []
    words = {word for word in _newest(database, field, visibility) if word.startswith(prefix)}
    return sorted(words)[:limit]


def _leaps(database: Database, field: Field, prefix: str) -> Iterator[str]:
    first, further = (_LEAPS[field].format(sign) for sign in (">=", ">"))
    row = database.execute(first, (prefix,)).fetchone()
    while row is not None:
        yield row[0]
        row = database.execute(further, (row[0],)).fetchone()


def _newest(database: Database, field: Field, visibility: Visibility) -> Iterable[str]:
    column = _COLUMNS[field]
    index = "job_root_state" if visibility.everything else "job_root_owner"
    whose: Sequence[str] = () if visibility.everything else (visibility.owner or "",)
    sql = (
        f"SELECT {column} FROM job INDEXED BY {index} WHERE parent IS NULL AND state = ?"  # noqa: S608 -- our own names
        f"{' AND owner = ?' if whose else ''} ORDER BY number DESC LIMIT ?"
    )
    for state in State:
        rows = database.execute(sql, (STATE_CODES[state], *whose, _NEWEST)).fetchall()
        yield from _words_of(field, rows)


def _words_of(field: Field, rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    for (value,) in rows:
        if field is Field.LABEL:
            yield from filter(None, labels_of(value))
        elif value:
            yield value
