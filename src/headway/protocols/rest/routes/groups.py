"""Groups: make, list, read, change; what is in them."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from headway.core.model.group import Group, MemberKind
from headway.core.model.names import GroupId
from headway.core.model.principal import Scope
from headway.core.operations.find import find_one, tally_of
from headway.core.operations.find_groups import (
    find_group,
    find_groups,
    find_groups_of,
    find_members,
    find_tree,
    resolve_path,
    roll_up,
)
from headway.core.operations.group_paths import FoundAt
from headway.core.operations.groups import (
    add_members,
    change_group,
    create_group,
    delete_group,
    remove_member,
)
from headway.protocols.http.problems import Answer
from headway.protocols.rest.answers import json_answer
from headway.protocols.rest.call import PROTOCOL, Call
from headway.protocols.rest.group_answers import renderer
from headway.protocols.rest.reading import BodyReader, QueryReader
from headway.protocols.rest.table import Row
from headway.protocols.rest.wire.groups import (
    AddedDocument,
    GroupBody,
    GroupDocument,
    GroupPatch,
    GroupsPage,
    GroupsQuery,
    MembersBody,
    MembersPage,
    MembersQuery,
    RemoveQuery,
    TreeDocument,
    TreeQuery,
    place_document,
    read_groups_cursor,
    read_members_cursor,
)

_GROUP: Final = BodyReader[GroupBody](GroupBody)
_PATCH: Final = BodyReader[GroupPatch](GroupPatch)
_MEMBERS: Final = BodyReader[MembersBody](MembersBody)
_GROUPS: Final = QueryReader(GroupsQuery)
_PAGE: Final = QueryReader(MembersQuery)
_REMOVE: Final = QueryReader(RemoveQuery)
_TREE: Final = QueryReader(TreeQuery)


async def all_groups(call: Call) -> Answer:
    """GET /groups."""
    query = call.query(_GROUPS)
    if query.path is not None:
        return await _at_path(call, query.path)
    if query.job is not None:
        job = await find_one(call.core, actor=call.actor, ref=query.job)
        page = await find_groups_of(call.core, actor=call.actor, member=job.id, kind=MemberKind.JOB)
    elif query.group is not None:
        group = await find_group(call.core, actor=call.actor, ref=query.group)
        page = await find_groups_of(
            call.core, actor=call.actor, member=group.id, kind=MemberKind.GROUP
        )
    else:
        page = await find_groups(
            call.core,
            actor=call.actor,
            limit=query.limit,
            after=read_groups_cursor(query.cursor),
            name=query.name,
            roots=query.roots,
        )
    return json_answer(renderer(call).page(page))


async def _at_path(call: Call, path: str) -> Answer:
    found = await resolve_path(call.core, actor=call.actor, path=path)
    if found.job is not None:
        tally = await tally_of(call.core, job_id=found.job.id)
        return json_answer(renderer(call).found(found, {}, tally))
    if found.group is None:
        return json_answer(renderer(call).found(FoundAt(), {}))
    states = await roll_up(call.core, actor=call.actor, group_id=found.group.id)
    return json_answer(renderer(call).found(found, {found.group.id: states}))


async def make_group(call: Call) -> Answer:
    """POST /groups."""
    body = await call.body(_GROUP)
    parent = None
    if body.parent is not None:
        scope = Scope.REPORT
        parent = (await find_group(call.core, actor=call.actor, ref=body.parent, scope=scope)).id
    made = await create_group(
        call.core,
        actor=call.actor,
        protocol=PROTOCOL,
        name=body.name,
        group_id=body.id,
        url=body.url,
        parent=parent,
    )
    shown = renderer(call).group(made.group, {})
    if not made.is_new:
        return await _shown(call, made.group)
    place = (b"location", shown.links.self.encode())
    return json_answer(shown, status=HTTPStatus.CREATED, headers=(place,))


async def read_group(call: Call) -> Answer:
    """GET /groups/{group}."""
    return await _shown(call, await _group(call, Scope.READ))


async def patch_group(call: Call) -> Answer:
    """PATCH /groups/{group}."""
    body = await call.body(_PATCH)
    group = await _group(call, Scope.REPORT)
    changed = await change_group(
        call.core,
        actor=call.actor,
        protocol=PROTOCOL,
        group_id=group.id,
        name=body.name,
        url=body.url,
    )
    return await _shown(call, changed)


async def end_group(call: Call) -> Answer:
    """DELETE /groups/{group}."""
    group = await _group(call, Scope.REPORT)
    await delete_group(call.core, actor=call.actor, protocol=PROTOCOL, group_id=group.id)
    return Answer(status=HTTPStatus.NO_CONTENT, headers=(), body=b"")


async def list_members(call: Call) -> Answer:
    """GET /groups/{group}/members."""
    query = call.query(_PAGE)
    group = await _group(call, Scope.READ)
    page = await find_members(
        call.core,
        actor=call.actor,
        group_id=group.id,
        limit=query.limit,
        after=read_members_cursor(query.cursor),
        kind=None if query.kind is None else MemberKind(query.kind),
    )
    return json_answer(renderer(call).members(page))


async def put_members(call: Call) -> Answer:
    """POST /groups/{group}/members."""
    body = await call.body(_MEMBERS)
    group = await _group(call, Scope.REPORT)
    found: list[GroupId] = []
    for ref in body.groups:
        one = await find_group(call.core, actor=call.actor, ref=ref, scope=Scope.REPORT)
        found.append(one.id)
    added = await add_members(
        call.core,
        actor=call.actor,
        protocol=PROTOCOL,
        group_id=group.id,
        jobs=body.jobs,
        groups=found,
    )
    return json_answer(AddedDocument(added=[place_document(one) for one in added]))


async def end_member(call: Call) -> Answer:
    """DELETE /groups/{group}/members/{member}."""
    query = call.query(_REMOVE)
    group = await _group(call, Scope.REPORT)
    await remove_member(
        call.core,
        actor=call.actor,
        protocol=PROTOCOL,
        group_id=group.id,
        ref=call.args["member"],
        kind=None if query.kind is None else MemberKind(query.kind),
    )
    return Answer(status=HTTPStatus.NO_CONTENT, headers=(), body=b"")


async def read_tree(call: Call) -> Answer:
    """GET /groups/{group}/tree."""
    query = call.query(_TREE)
    group = await _group(call, Scope.READ)
    tree = await find_tree(
        call.core,
        actor=call.actor,
        group_id=group.id,
        limit=query.limit,
        jobs=query.jobs,
        groups_only=query.groups_only,
    )
    return json_answer(renderer(call).tree(tree))


async def _group(call: Call, scope: Scope) -> Group:
    """Give the group that the path names, by its id, its name or a path to it."""
    return await find_group(call.core, actor=call.actor, ref=call.args["group"], scope=scope)


async def _shown(call: Call, group: Group) -> Answer:
    states: Mapping[str, int] = {}
    if Scope.READ in call.actor.scopes:
        states = await roll_up(call.core, actor=call.actor, group_id=group.id)
    return json_answer(renderer(call).group(group, {group.id: states}))


_THERE: Final = (HTTPStatus.NOT_FOUND,)
_WRITES: Final = (HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT, HTTPStatus.INSUFFICIENT_STORAGE)

ROWS: Final = (
    Row(
        method="GET",
        path="/groups",
        name="listGroups",
        tag="groups",
        summary="List your groups, or find what is at a path.",
        handler=all_groups,
        query=GroupsQuery,
        answers=(GroupsPage,),
        errors=_THERE,
    ),
    Row(
        method="POST",
        path="/groups",
        name="createGroup",
        tag="groups",
        summary="Make a group in another one; one that is there stays as it is.",
        handler=make_group,
        body=GroupBody,
        answers=(GroupDocument,),
        status=HTTPStatus.CREATED,
        partly=(HTTPStatus.OK,),
        errors=_WRITES,
    ),
    Row(
        method="GET",
        path="/groups/{group}",
        name="readGroup",
        tag="groups",
        summary="Read a group, with its jobs' states.",
        handler=read_group,
        answers=(GroupDocument,),
        errors=_THERE,
    ),
    Row(
        method="PATCH",
        path="/groups/{group}",
        name="changeGroup",
        tag="groups",
        summary="Give a group another name or address.",
        handler=patch_group,
        body=GroupPatch,
        answers=(GroupDocument,),
        errors=_WRITES,
    ),
    Row(
        method="DELETE",
        path="/groups/{group}",
        name="deleteGroup",
        tag="groups",
        summary="Forget a group. What is in it lives on.",
        handler=end_group,
        status=HTTPStatus.NO_CONTENT,
        errors=_WRITES,
    ),
    Row(
        method="GET",
        path="/groups/{group}/members",
        name="listMembers",
        tag="groups",
        summary="List what is directly in a group, oldest first.",
        handler=list_members,
        query=MembersQuery,
        answers=(MembersPage,),
        errors=_THERE,
    ),
    Row(
        method="POST",
        path="/groups/{group}/members",
        name="addMembers",
        tag="groups",
        summary="Put jobs and groups into a group: all or none.",
        handler=put_members,
        body=MembersBody,
        answers=(AddedDocument,),
        errors=_WRITES,
    ),
    Row(
        method="DELETE",
        path="/groups/{group}/members/{member}",
        name="removeMember",
        tag="groups",
        summary="Take a job or group out of a group. Nothing else happens to it.",
        handler=end_member,
        query=RemoveQuery,
        status=HTTPStatus.NO_CONTENT,
        errors=_WRITES,
    ),
    Row(
        method="GET",
        path="/groups/{group}/tree",
        name="readTree",
        tag="groups",
        summary="Read all below a group: what is in what, and how the jobs are.",
        handler=read_tree,
        query=TreeQuery,
        answers=(TreeDocument,),
        errors=_THERE,
    ),
)
