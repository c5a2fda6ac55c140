"""Groups and places in them as rows and back."""

from collections.abc import Sequence
from typing import Any, Final

from headway.core.model.group import Group, MemberKind, Membership
from headway.core.model.names import GroupId, JobId
from headway.stores.sql.codes import id_of
from headway.stores.sql.job_rows import Value
from headway.stores.sql.times import micros, micros_or_none, time_of, time_or_none

#: What ``group_of`` reads.
GROUP_COLUMNS: Final = "owner, id, name, url, created, root, loose, rev"
MEMBER_COLUMNS: Final = "holder, position, job, child, added"


def group_row(group: Group) -> tuple[Value, ...]:
    """Give ``GROUP_COLUMNS``."""
    return (
        group.owner,
        group.id,
        group.name,
        group.url,
        micros(group.created),
        int(group.is_root),
        micros_or_none(group.loose),
        group.rev,
    )


def group_of(row: Sequence[Any]) -> Group:
    """Read a group back from ``GROUP_COLUMNS``."""
    return Group(
        owner=row[0],
        id=GroupId(row[1]),
        name=row[2],
        url=row[3],
        created=time_of(row[4]),
        is_root=bool(row[5]),
        loose=time_or_none(row[6]),
        rev=row[7],
    )


def membership_of(owner: str, group: GroupId, row: Sequence[Any]) -> Membership:
    """Read a place in a group back from its position, when it was added, the job's id and the child group's."""
    position, added, job, child = row
    member = JobId(id_of(job)) if child is None else GroupId(child)
    return Membership(
        owner=owner,
        group=group,
        member=member,
        kind=MemberKind.JOB if child is None else MemberKind.GROUP,
        added=time_of(added),
        position=position,
    )
