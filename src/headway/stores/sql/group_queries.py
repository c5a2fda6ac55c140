"""What readers read of groups; see headway.core.ports.groups for what each answer is."""

from collections.abc import Collection, Container, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from headway.core.model.condition import prefix_end
from headway.core.model.group import (
    Below,
    Group,
    InGroups,
    MemberKind,
    Membership,
    Subtree,
)
from headway.core.model.job import Job
from headway.core.model.names import GroupId, JobId
from headway.core.model.selection import Visibility
from headway.stores.sql.codes import STATES, id_of, sought_bytes
from headway.stores.sql.database import Database, snapshot
from headway.stores.sql.group_conditions import BELOW, JOBS_BELOW, sought
from headway.stores.sql.group_rows import GROUP_COLUMNS, group_of, membership_of
from headway.stores.sql.job_rows import SELECTED, job_of
from headway.stores.sql.pages import Clause, visible
from headway.stores.sql.times import micros

# ruff: noqa: S608 -- every name put into these texts is one of our own columns


def _of(table: str) -> str:
    return ", ".join(f"{table}.{name.strip()}" for name in GROUP_COLUMNS.split(","))


_AT_ONCE: Final = 500  # values in one statement
_GROUP: Final = f"SELECT {GROUP_COLUMNS} FROM job_group WHERE owner = ? AND id = ?"
_ROOT: Final = (
    f"SELECT {GROUP_COLUMNS} FROM job_group INDEXED BY job_group_root"
    " WHERE owner = ? AND name = ? AND root = 1"
)
_NUMBER: Final = "(SELECT number FROM job_group WHERE owner = ? AND id = ?)"
_HOLDERS: Final = (
    f"SELECT {_of('job_group')} FROM member JOIN job_group ON job_group.number = member.holder"
    " WHERE {} AND job_group.owner = ? ORDER BY job_group.id"
)
_OF_JOB: Final = _HOLDERS.format("member.job = (SELECT number FROM job WHERE id = ?)")
_OF_GROUP: Final = _HOLDERS.format(
    "member.child = (SELECT number FROM job_group WHERE owner = ? AND id = ?)"
)
_PLACE: Final = "member.position, member.added, job.id, child.id"
_WHAT: Final = "LEFT JOIN job ON job.number = member.job LEFT JOIN job_group AS child ON child.number = member.child"
_PAGE: Final = (
    f"SELECT {_PLACE}, {_of('child')}, member.job FROM member {_WHAT}"
    f" WHERE member.holder = {_NUMBER} AND member.position > ? AND {{}} ORDER BY member.position LIMIT ?"
)
_JOBS: Final = (
    f"SELECT {SELECTED} FROM job LEFT JOIN spec ON spec.id = job.spec WHERE job.number IN ({{}})"
)
_LEVEL: Final = (
    f"WITH level(place, n) AS (VALUES {{}}) SELECT {_PLACE}, member.holder, member.child"
    f" FROM level CROSS JOIN member ON member.holder = level.n {_WHAT}"
    " WHERE {} ORDER BY level.place, member.position LIMIT ?"
)
_OF_KIND: Final[Mapping[MemberKind | None, str]] = {
    None: "1",
    MemberKind.GROUP: "member.child IS NOT NULL",
    MemberKind.JOB: "member.job IS NOT NULL",
}
_BY_NUMBER: Final = f"SELECT {GROUP_COLUMNS}, number FROM job_group WHERE number IN ({{}})"
_PLACE_WIDTH: Final = 4
_NUMBERS: Final = "SELECT number, id FROM job_group WHERE owner = ? AND id IN ({})"
_GROUP_IDS: Final = f"{BELOW} SELECT id FROM below CROSS JOIN job_group ON number = n"
_RELINKED: Final = f"{BELOW} SELECT max(relinked) FROM below CROSS JOIN job_group ON number = n"
_ROLL_UPS: Final = """
WITH RECURSIVE below(top, n) AS (
  SELECT id, number FROM job_group WHERE owner = ? AND id IN ({groups})
  UNION SELECT below.top, member.child FROM below CROSS JOIN member INDEXED BY member_child
        ON member.holder = below.n WHERE member.child IS NOT NULL)
SELECT held.top, job.state, count(*)
  FROM (SELECT DISTINCT below.top AS top, member.job AS number
          FROM below CROSS JOIN member ON member.holder = below.n
         WHERE member.job IS NOT NULL) AS held
       CROSS JOIN job ON job.number = held.number
 WHERE job.hidden IS NULL AND {seen} GROUP BY held.top, job.state
"""


class Placed(NamedTuple):
    """A place, with the group that is there, or the job's number."""

    membership: Membership
    group: Group | None
    job: int | None


def read_group(database: Database, owner: str, group_id: GroupId) -> Group | None:
    """Read one group; None when there is none."""
    row = database.execute(_GROUP, (owner, group_id)).fetchone()
    return None if row is None else group_of(row)


def read_root(database: Database, owner: str, name: str) -> Group | None:
    """Read a root by its name."""
    row = database.execute(_ROOT, (owner, name)).fetchone()
    return None if row is None else group_of(row)


def read_groups(
    database: Database,
    owner: str,
    *,
    limit: int,
    after: tuple[datetime, GroupId] | None,
    name: str | None,
    roots: bool,
) -> list[Group]:
    """Read a page of an owner's groups."""
    clause = Clause("owner = ?", values=(owner,))
    if after is not None:
        clause.add("(created, id) > (?, ?)", micros(after[0]), after[1])
    if name is not None:
        clause.add("name = ?", name)
    if roots:
        clause.add("root = 1")
    sql = (
        f"SELECT {GROUP_COLUMNS} FROM job_group WHERE {clause.text()} ORDER BY created, id LIMIT ?"
    )
    return [group_of(row) for row in database.execute(sql, (*clause.values, limit)).fetchall()]


def read_names(database: Database, owner: str, prefix: str, limit: int) -> list[str]:
    """Read names of groups that begin so."""
    clause = Clause("owner = ? AND name >= ?", values=(owner, prefix))
    end = prefix_end(prefix)
    if end is not None:
        clause.add("name < ?", end)
    sql = f"SELECT DISTINCT name FROM job_group WHERE {clause.text()} ORDER BY name LIMIT ?"
    return [row[0] for row in database.execute(sql, (*clause.values, limit)).fetchall()]


def read_members(
    database: Database,
    owner: str,
    group_id: GroupId,
    *,
    limit: int,
    after: int,
    kind: MemberKind | None,
) -> list[Placed]:
    """Read a page of what is directly in a group, the jobs themselves left out."""
    values = (owner, group_id, after, limit)
    rows = database.execute(_PAGE.format(_OF_KIND[kind]), values).fetchall()
    return [_placed(owner, group_id, row) for row in rows]


def _placed(owner: str, group_id: GroupId, row: Sequence[Any]) -> Placed:
    membership = membership_of(owner, group_id, row[:_PLACE_WIDTH])
    is_group = membership.kind is MemberKind.GROUP
    return Placed(membership, group_of(row[_PLACE_WIDTH:-1]) if is_group else None, row[-1])


def read_jobs(database: Database, numbers: Sequence[int]) -> dict[int, Job]:
    """Read jobs by their numbers; those that are no more are left out."""
    found: dict[int, Job] = {}
    for some in _parts(numbers):
        sql = _JOBS.format(", ".join("?" for _ in some))
        found |= {row[0]: job_of(row) for row in database.execute(sql, some).fetchall()}
    return found


def read_holders(
    database: Database, owner: str, member: GroupId | JobId, kind: MemberKind
) -> list[Group]:
    """Read the groups that a group or job is directly in."""
    if kind is MemberKind.JOB:
        rows = database.execute(_OF_JOB, (sought_bytes(JobId(member)), owner)).fetchall()
    else:
        rows = database.execute(_OF_GROUP, (owner, member, owner)).fetchall()
    return [group_of(row) for row in rows]


def read_subtree(
    database: Database,
    owner: str,
    group_id: GroupId,
    limit: int,
    *,
    groups_only: bool,
    but: Container[GroupId],
) -> Subtree | None:
    """Read what hangs below a group, a level at a time; None when there is no such group."""
    kind = MemberKind.GROUP if groups_only else None
    with snapshot(database):
        return _subtree(database, owner, group_id, limit, kind, but)


def _subtree(
    database: Database,
    owner: str,
    group_id: GroupId,
    limit: int,
    kind: MemberKind | None,
    but: Container[GroupId],
) -> Subtree | None:
    top = read_group(database, owner, group_id)
    if top is None:
        return None
    number = database.execute(_NUMBER[1:-1], (owner, group_id)).fetchone()[0]
    groups: dict[int, Group] = {number: top}
    memberships: list[Membership] = []
    level = [number]
    is_whole = True
    while level and is_whole:
        deeper: dict[int, None] = {}
        left = limit - len(memberships)
        for count, (*place, holder, child) in enumerate(_level(database, level, left + 1, kind)):
            if count == left:
                is_whole = False
                break
            membership = membership_of(owner, groups[holder].id, place)
            memberships.append(membership)
            if child is not None and child not in groups and membership.member not in but:
                deeper[child] = None
        level = list(deeper)
        groups |= _by_number(database, level)
    return Subtree(groups=tuple(groups.values()), memberships=memberships, is_whole=is_whole)


def _by_number(database: Database, numbers: Sequence[int]) -> dict[int, Group]:
    """Read groups, in the order of ``numbers``."""
    found: dict[int, Group] = {}
    for some in _parts(numbers):
        rows = database.execute(_BY_NUMBER.format(_places(some)), tuple(some)).fetchall()
        found |= {row[-1]: group_of(row) for row in rows}
    return {number: found[number] for number in numbers}


def _level(
    database: Database, level: Sequence[int], limit: int, kind: MemberKind | None
) -> Iterator[Sequence[Any]]:
    """Read what is in some groups, in the groups' order."""
    for some in _parts(level):
        sql = _LEVEL.format(
            ", ".join(f"({place}, ?)" for place in range(len(some))), _OF_KIND[kind]
        )
        yield from database.execute(sql, (*some, limit)).fetchall()


def read_below(database: Database, within: InGroups) -> Below:
    """Read the ids of all below some groups."""
    places, values = sought(within)
    groups = {row[0] for row in database.execute(_GROUP_IDS.format(places), values).fetchall()}
    sql = f"SELECT id FROM job WHERE number IN ({JOBS_BELOW.format(places)})"
    jobs = database.execute(sql, values).fetchall()
    return Below(
        groups=frozenset(groups),
        jobs=frozenset([id_of(row[0]) for row in jobs]),
        missing=frozenset(within.any_of) - groups,
    )


def read_roll_ups(
    database: Database, owner: str, group_ids: Collection[GroupId], visibility: Visibility
) -> Mapping[GroupId, Mapping[str, int]]:
    """Count the jobs below each of some groups by their states."""
    found: dict[GroupId, dict[str, int]] = {group_id: {} for group_id in group_ids}
    seen = visible(visibility)
    for some in _parts(tuple(found)):
        sql = _ROLL_UPS.format(groups=_places(some), seen=seen.text())
        for top, state, count in database.execute(sql, (owner, *some, *seen.values)).fetchall():
            found[top][STATES[state].value] = count
    return found


def has_changed(database: Database, within: InGroups, since: int) -> bool:
    """Tell whether there is more to some groups, after a sequence, than new jobs in them."""
    places, values = sought(within)
    known = len(database.execute(_NUMBERS.format(places), values).fetchall())
    newest = database.execute(_RELINKED.format(places), values).fetchone()[0]
    return known < len(set(within.any_of)) or (newest or 0) > since


def _places(values: Collection[object]) -> str:
    return ", ".join("?" for _ in values)


def _parts(values: Sequence[Any]) -> Iterable[Sequence[Any]]:
    return (values[start : start + _AT_ONCE] for start in range(0, len(values), _AT_ONCE))
