"""What is in what among groups, read at once for all above a group or below it: the writer waits for it."""

from collections.abc import Mapping
from typing import Final

from headway.core.errors import Conflict
from headway.core.model import group
from headway.core.model.names import GroupId
from headway.stores.sql.database import Database

_LINKS: Final = """
WITH RECURSIVE around(n) AS (
  VALUES (?)
  UNION SELECT member.{there} FROM around CROSS JOIN member INDEXED BY {index} ON member.{here} = around.n
         WHERE member.child IS NOT NULL
  LIMIT ?)
SELECT one.id, other.id
  FROM around CROSS JOIN member INDEXED BY {index} ON member.{here} = around.n
       CROSS JOIN job_group AS one ON one.number = around.n
       CROSS JOIN job_group AS other ON other.number = member.{there}
 WHERE member.child IS NOT NULL LIMIT ?
"""
_ABOVE: Final = _LINKS.format(here="child", there="holder", index="member_holder")
_BELOW: Final = _LINKS.format(here="holder", there="child", index="member_child")

#: What is directly above or below each group.
Links = Mapping[GroupId, frozenset[GroupId]]


def links_above(database: Database, number: int) -> Links:
    """Read what a group and all above it are directly in; nothing for a group that is not in the file.

    Raises:
        Conflict: there are more than ``MOST_LINKS``.
    """
    return _read(database, _ABOVE, number)


def links_below(database: Database, number: int) -> Links:
    """Read which groups are directly in a group and in all below it; raises as ``links_above`` does."""
    return _read(database, _BELOW, number)


def _read(database: Database, sql: str, number: int) -> Links:
    rows = database.execute(sql, (number, group.MOST_LINKS + 2, group.MOST_LINKS + 1)).fetchall()
    if len(rows) > group.MOST_LINKS:
        raise Conflict(group.too_many_links_words())
    found: dict[GroupId, set[GroupId]] = {}
    for one, other in rows:
        found.setdefault(GroupId(one), set()).add(GroupId(other))
        found.setdefault(GroupId(other), set())
    return {one: frozenset(others) for one, others in found.items()}
