"""Which jobs are below groups, as SQL."""

from typing import Final

from headway.core.model.group import InGroups
from headway.stores.sql.job_rows import Value

# ruff: noqa: S608 -- every name put into these texts is one of our own columns

#: ``below``: the numbers of an owner's groups and of all below them, each once. The places are for ids.
BELOW: Final = (
    "WITH RECURSIVE below(n) AS ("
    "SELECT number FROM job_group WHERE owner = ? AND id IN ({})"
    " UNION SELECT member.child FROM below CROSS JOIN member INDEXED BY member_child"
    " ON member.holder = below.n WHERE member.child IS NOT NULL)"
)
#: The numbers of the jobs in them; a job comes as often as it is in one.
JOBS_BELOW: Final = (
    f"{BELOW} SELECT member.job FROM below CROSS JOIN member ON member.holder = below.n"
    " WHERE member.job IS NOT NULL"
)


def sought(within: InGroups) -> tuple[str, tuple[Value, ...]]:
    """Give the places for the groups' ids, and the values: the owner, then these ids."""
    return ", ".join("?" for _ in within.any_of), (within.owner, *within.any_of)


def in_groups_sql(within: InGroups) -> tuple[str, tuple[Value, ...]]:
    """Give the condition on a row of ``job`` that it is below some groups, or not."""
    places, values = sought(within)
    word = "NOT IN" if within.negated else "IN"
    return f"job.number {word} ({JOBS_BELOW.format(places)})", values
