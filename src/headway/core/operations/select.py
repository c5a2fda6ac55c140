"""The operation select: which jobs a query means."""

import msgspec

from headway.core.core import Core
from headway.core.model.condition import Condition, Equals, Field
from headway.core.model.principal import Principal
from headway.core.model.selection import Selection
from headway.core.operations.find import find_one
from headway.core.query.meaning import parse
from headway.core.query.narrow import narrowed


async def select(core: Core, *, actor: Principal, q: str, within: Selection) -> Selection:
    """Give the selection that a query in the search grammar makes of those ``within`` another.

    Raises:
        InvalidRequest: the query cannot be understood; the message says what is wrong and where.
        NotFound: it names a parent by a number that no job has that the actor may see.
    """
    query = parse(q, at=core.clock.now())
    conditions = [await _with_ids(core, actor, condition) for condition in query.conditions]
    return narrowed(within, msgspec.structs.replace(query, conditions=tuple(conditions)))


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
