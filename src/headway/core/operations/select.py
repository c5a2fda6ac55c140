"""The operation select: which jobs a query means."""

from collections.abc import Sequence

import msgspec

from headway.core.core import Core
from headway.core.errors import NotFound
from headway.core.model.condition import Condition, Equals, Field
from headway.core.model.group import InGroups
from headway.core.model.names import GroupId
from headway.core.model.principal import Principal, Scope
from headway.core.model.selection import Selection
from headway.core.operations.find import find_one
from headway.core.operations.find_groups import group_owner, groups_called
from headway.core.query.meaning import parse
from headway.core.query.narrow import narrowed


async def select(
    core: Core, *, actor: Principal, q: str, within: Selection, group: str | None = None
) -> Selection:
    """Give the selection that a query in the search grammar makes of those ``within`` another.

    Args:
        group: where they must be as well: an id, a name or a path.

    Raises:
        InvalidRequest: the query cannot be understood; the message says what is wrong and where.
        NotFound: it names a parent by a number that no job has that the actor may see, or a group that the actor has not.
        Forbidden: it names a group, and the actor is no user.
    """
    query = parse(q, at=core.clock.now())
    conditions = [
        await _with_ids(core, actor, condition)
        for condition in query.conditions
        if condition.field is not Field.GROUP
    ]
    selection = narrowed(within, msgspec.structs.replace(query, conditions=tuple(conditions)))
    if group is not None:
        selection = await in_groups(core, actor=actor, names=[group], within=selection)
    for condition in query.conditions:
        if condition.field is Field.GROUP:
            names = [str(test.value) for test in condition.any_of if isinstance(test, Equals)]
            selection = await in_groups(
                core, actor=actor, names=names, negated=condition.negated, within=selection
            )
    return selection


async def in_groups(
    core: Core,
    *,
    actor: Principal,
    names: Sequence[str],
    within: Selection,
    negated: bool = False,
) -> Selection:
    """Give the selection of those ``within`` another that are somewhere below some groups; or, negated, below none.

    The groups' jobs are meant whether they are parts of other jobs or not.

    Args:
        names: ids, names or paths; a name means all groups that have it.

    Raises:
        NotFound: the actor has no such group.
        Forbidden: the actor may not read, or is nobody in particular.
    """
    owner = group_owner(actor, Scope.READ)
    found: dict[GroupId, None] = {}
    for name in names:
        groups = await groups_called(core, owner=owner, ref=name)
        if not groups:
            raise NotFound(f"you have no group called {name!r}")
        found |= {group.id: None for group in groups}
    wanted = InGroups(owner=owner, any_of=tuple(sorted(found)), negated=negated)
    return msgspec.structs.replace(
        within,
        groups=(*within.groups, wanted),
        children=within.children or (within.parent is None and not negated),
    )


async def _with_ids(core: Core, actor: Principal, condition: Condition) -> Condition:
    """Put ids in the place of parents' numbers."""
    if condition.field is not Field.PARENT:
        return condition
    tests = [
        Equals((await find_one(core, actor=actor, ref=str(test.value))).id)
        if isinstance(test, Equals) and isinstance(test.value, int)
        else test
        for test in condition.any_of
    ]
    return msgspec.structs.replace(condition, any_of=tuple(tests))
