"""What may be put into a group: looked up once, whatever hangs above and below."""

from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headway.core.errors import Conflict
from headway.core.model import group
from headway.core.model.group import DEEPEST, Nesting

EDGES = st.sets(st.tuples(st.integers(0, 7), st.integers(0, 7)).filter(lambda e: e[0] < e[1]))


class Tree:
    """What is in what; counts how often each group is asked about."""

    def __init__(self, edges: set[tuple[int, int]]) -> None:
        self.edges = sorted(edges)
        self.asked: Counter[tuple[str, int]] = Counter()

    def above(self, one: int) -> list[int]:
        self.asked["above", one] += 1
        return [upper for upper, lower in self.edges if lower == one]

    def below(self, one: int) -> list[int]:
        self.asked["below", one] += 1
        return [lower for upper, lower in self.edges if upper == one]

    def nesting(self, one: int) -> Nesting[int]:
        return Nesting(one, self.above, self.below, str)

    def levels(self, top: int) -> int:
        return 1 + max((self.levels(one) for one in self.below(top)), default=0)

    def is_within(self, one: int, top: int) -> bool:
        return one == top or any(self.is_within(one, child) for child in self.below(top))


def test_many_groups_for_one_ask_each_group_once() -> None:
    chain = set(pairwise(range(DEEPEST - 2)))
    members = range(1000, 2000)
    tree = Tree(chain | {(member, 5000) for member in members})
    nesting = tree.nesting(DEEPEST - 3)
    for member in members:
        nesting.check(member)
    assert max(tree.asked.values()) == 1
    assert len(tree.asked) == DEEPEST - 2 + len(members) + 1


def test_a_circle_is_told_by_its_shortest_way() -> None:
    tree = Tree({(1, 2), (2, 3), (3, 4), (1, 4)})
    with pytest.raises(Conflict, match="\\(1 > 4 > 1\\)"):
        tree.nesting(4).check(1)


def test_groups_are_told_by_their_names_and_those_called_alike_by_their_ids_too() -> None:
    tree = Tree({(1, 2), (2, 3), (3, 4)})
    names = {1: "nights", 2: "fits", 3: "fits", 4: "best"}
    nesting = Nesting(4, tree.above, tree.below, names.__getitem__)
    with pytest.raises(Conflict) as refused:
        nesting.check(1)
    assert str(refused.value) == (
        "the group 'nights' cannot be put into 'best': it would be below itself"
        " (nights > fits [2] > fits [3] > best > nights)"
    )


def test_a_net_of_groups_is_looked_at_up_to_a_limit() -> None:
    wide = 15
    net = {
        (layer * wide + one, (layer + 1) * wide + other)
        for layer in range(DEEPEST - 2)
        for one in range(wide)
        for other in range(wide)
    }
    by_lower: dict[int, list[int]] = {}
    for upper, lower in net:
        by_lower.setdefault(lower, []).append(upper)
    asked: list[int] = []

    def above(one: int) -> list[int]:
        asked.append(one)
        return by_lower.get(one, [])

    with pytest.raises(Conflict, match=f"more than {group.MOST_LINKS:,} places"):
        Nesting(wide * (DEEPEST - 1) - 1, above, lambda _: [], str)
    assert len(asked) <= group.MOST_LINKS / wide + 1


@given(edges=EDGES, into=st.integers(0, 7), member=st.integers(0, 7), deepest=st.integers(1, 8))
def test_what_is_allowed_is_neither_a_circle_nor_too_deep(
    edges: set[tuple[int, int]], into: int, member: int, deepest: int
) -> None:
    tree = Tree(edges)
    upward = Tree({(lower, upper) for upper, lower in edges})
    is_circle = tree.is_within(into, member)
    levels = upward.levels(into) + tree.levels(member)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(group, "DEEPEST", deepest)
        nesting = tree.nesting(into)
        if is_circle or levels > deepest:
            with pytest.raises(Conflict, match="below itself" if is_circle else f"{levels} levels"):
                nesting.check(member)
        else:
            nesting.check(member)
