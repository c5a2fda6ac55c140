"""Groups with addresses as this request's sender can reach them."""

from collections.abc import Mapping

import msgspec
from msgspec import UNSET

from headway.core.model.group import Group, Member
from headway.core.model.names import JobId
from headway.core.model.worker import NO_TALLY, Tally
from headway.core.operations.find_groups import GroupPage, MemberPage, RollUps, Tree
from headway.core.operations.group_paths import FoundAt
from headway.protocols.http.urls import base_url
from headway.protocols.rest.addresses import PREFIX
from headway.protocols.rest.call import Call
from headway.protocols.rest.wire.groups import (
    GroupDocument,
    GroupsPage,
    MemberDocument,
    MembersPage,
    TreeDocument,
    group_document,
    groups_cursor,
    members_cursor,
    place_document,
)
from headway.protocols.rest.wire.render import summary


class Renderer(msgspec.Struct, frozen=True):
    """Makes documents with addresses for one request's sender."""

    root: str
    api: str

    def group(self, group: Group, roll_ups: RollUps) -> GroupDocument:
        """Make a group's document."""
        states = roll_ups.get(group.id, {})
        return group_document(group, states, root=self.root, api=self.api)

    def page(self, page: GroupPage) -> GroupsPage:
        """Make a page of groups."""
        return GroupsPage(
            groups=[self.group(one, page.roll_ups) for one in page.groups],
            next=groups_cursor(page.next),
        )

    def found(self, found: FoundAt, roll_ups: RollUps, tally: Tally = NO_TALLY) -> GroupsPage:
        """Tell what is at a path."""
        groups = [] if found.group is None else [self.group(found.group, roll_ups)]
        job = UNSET if found.job is None else summary(found.job, tally)
        return GroupsPage(groups=groups, next=None, job=job)

    def members(self, page: MemberPage) -> MembersPage:
        """Make a page of what is in a group."""
        return MembersPage(
            group=self.group(page.group, page.roll_ups),
            members=[self._member(one, page.roll_ups, page.tallies) for one in page.members],
            next=members_cursor(page.next),
        )

    def tree(self, tree: Tree) -> TreeDocument:
        """Make the document of all below a group."""
        return TreeDocument(
            groups=[self.group(one, tree.roll_ups) for one in tree.groups],
            places=[place_document(one) for one in tree.memberships],
            jobs=[summary(job, NO_TALLY) for job in tree.jobs.values()],
            is_whole=tree.is_whole,
        )

    def _member(
        self, member: Member, roll_ups: RollUps, tallies: Mapping[JobId, Tally]
    ) -> MemberDocument:
        job = member.job
        return MemberDocument(
            kind=member.membership.kind.value,
            added=member.membership.added,
            group=UNSET if member.group is None else self.group(member.group, roll_ups),
            job=UNSET if job is None else summary(job, tallies.get(job.id, NO_TALLY)),
        )


def renderer(call: Call) -> Renderer:
    """Give what makes documents for a call's sender."""
    root = base_url(call.scope, call.core.settings.public_url)
    return Renderer(root, f"{root}{PREFIX}")
