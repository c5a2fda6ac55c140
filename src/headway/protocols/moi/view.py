"""What one client sees: groups from some roots down, and what is in them. Pure."""

from collections.abc import Container, Iterable, Iterator, Sequence
from typing import Protocol, TypeAlias

from headway.core.model.group import Group, MemberKind, Membership
from headway.core.model.names import GroupId

#: A group or a job.
Node: TypeAlias = tuple[MemberKind, str]


class Hanging(Protocol):
    """A group, first, and all that is below it."""

    @property
    def groups(self) -> Sequence[Group]:
        """Each group once."""
        ...

    @property
    def memberships(self) -> Sequence[Membership]:
        """All places in these."""
        ...


def node_of(group_id: GroupId) -> Node:
    """Give a group as a node."""
    return (MemberKind.GROUP, group_id)


class View:
    """Groups and jobs that are seen, each as long as there is a way to it from a root."""

    def __init__(self) -> None:
        self._groups: dict[GroupId, Group] = {}
        self._roots: dict[GroupId, None] = {}
        self._asked: set[GroupId] = set()
        self._near: set[GroupId] | None = (
            None  # those and all below them; None until it is looked for again
        )
        self._places: dict[Node, dict[GroupId, int]] = {}
        self._members: dict[GroupId, dict[Node, None]] = {}

    @property
    def roots(self) -> list[Group]:
        """The groups that everything hangs below, in the order in which they came."""
        return [self._groups[group_id] for group_id in self._roots]

    @property
    def groups(self) -> Container[GroupId]:
        """The ids of the groups that are seen."""
        return self._groups.keys()

    def group(self, group_id: str) -> Group | None:
        """Give a group that is seen."""
        return self._groups.get(GroupId(group_id))

    def has_job(self, job_id: str) -> bool:
        """Tell whether a job is seen."""
        return (MemberKind.JOB, job_id) in self._places

    def has(self, node: Node) -> bool:
        """Tell whether a group or job is seen."""
        return node in self._places or (node[0] is MemberKind.GROUP and node[1] in self._groups)

    def parent(self, node: Node) -> GroupId | None:
        """Give the group that a node is in: one that was asked for, else one below such a one, else the one that it came into first."""
        places = self._places.get(node)
        if not places:
            return None
        if len(places) == 1:
            return next(iter(places))
        near = self._looked_near()
        return min(places, key=lambda one: (one not in self._asked, one not in near, places[one]))

    def parents_below(self, node: Node) -> dict[Node, GroupId | None]:
        """Give the parents of a node and of all below it."""
        nodes: dict[Node, GroupId | None] = {node: self.parent(node)}
        if node[0] is MemberKind.GROUP and node[1] in self._groups:
            for group in self.below(GroupId(node[1])):
                nodes |= {member: self.parent(member) for member in self._members[group.id]}
        return nodes

    def parents(self, node: Node) -> list[GroupId]:
        """Give all groups that are seen to have a node."""
        return list(self._places.get(node, {}))

    def below(self, group_id: GroupId, *, but: Container[GroupId] = ()) -> Iterator[Group]:
        """Give a group and all groups below it, breadth first, each once, but for these and what is only below them."""
        level = [] if group_id in but else [group_id]
        seen = {group_id}
        while level:
            deeper: list[GroupId] = []
            for one in level:
                yield self._groups[one]
                for kind, member in self._members[one]:
                    below = GroupId(member)
                    if kind is not MemberKind.GROUP or below not in self._groups:
                        continue
                    if below not in seen and below not in but:
                        deeper.append(below)
                        seen.add(below)
            level = deeper

    def ask(self, group_id: GroupId) -> None:
        """Remember that somebody wants to see this group: what is in it is told as its own."""
        self._asked.add(group_id)
        self._near = None

    def _looked_near(self) -> set[GroupId]:
        if self._near is None:
            self._near = set()
            for asked in self._asked & self._groups.keys():
                self._near.update([one.id for one in self.below(asked, but=self._near)])
        return self._near

    def take_root(self, tree: Hanging) -> list[Node]:
        """See a group and all below it from now on; gives what was not seen before."""
        self._roots[tree.groups[0].id] = None
        return self.take(tree.groups, tree.memberships)

    def take(self, groups: Iterable[Group], memberships: Iterable[Membership]) -> list[Node]:
        """See these, which hang in what is seen; gives what was not seen before, groups first."""
        new: list[Node] = []
        for group in groups:
            if group.id not in self._groups:
                new.append(node_of(group.id))
                self._members[group.id] = {}
                self._near = None
            self._groups[group.id] = group
        for membership in memberships:
            node = (membership.kind, membership.member)
            if membership.kind is MemberKind.GROUP:
                self._near = None
            elif node not in self._places:
                new.append(node)
            self._places.setdefault(node, {})[membership.group] = membership.position
            self._members[membership.group][node] = None
        return new

    def renew(self, group: Group) -> bool:
        """Take a group's present words; tells whether that is news."""
        known = self._groups.get(group.id)
        if known is None or known.rev >= group.rev:
            return False
        self._groups[group.id] = group
        return True

    def drop(self, group_id: GroupId, node: Node) -> list[Node]:
        """Forget one place; gives what is seen no more because of it, with the node itself first."""
        places = self._places.get(node, {})
        if places.pop(group_id, None) is None:
            return []
        self._near = None
        self._members[group_id].pop(node, None)
        return [] if places else self._gone(node)

    def drop_group(self, group_id: GroupId) -> list[Node]:
        """Forget a group that is no more; gives what is seen no more."""
        if group_id not in self._groups:
            return []
        self._near = None
        for place in self.parents(node_of(group_id)):
            self._members[place].pop(node_of(group_id), None)
        self._roots.pop(group_id, None)
        return self._gone(node_of(group_id))

    def _gone(self, first: Node) -> list[Node]:
        gone, waiting = [], [first]
        while waiting:
            node = waiting.pop()
            self._places.pop(node, None)
            if node[1] in self._roots and node[0] is MemberKind.GROUP:
                continue  # it needs no place
            gone.append(node)
            if node[0] is MemberKind.GROUP:
                waiting += self._emptied(GroupId(node[1]))
        return gone

    def _emptied(self, group_id: GroupId) -> list[Node]:
        """Forget a group; gives those of its members that have no other place."""
        self._groups.pop(group_id, None)
        alone: list[Node] = []
        for member in self._members.pop(group_id, {}):
            places = self._places[member]
            places.pop(group_id, None)
            if not places:
                alone.append(member)
        return alone
