"""Requests about groups. A group is named by ``ref``: its id, its name or a path to it."""

from collections.abc import Sequence

from headway.sdk.message import Request, path_of, present
from headway.sdk.requests.bodies import given, with_body


def create_group(
    name: str, *, group_id: str | None = None, url: str | None = None, parent: str | None = None
) -> Request:
    """Make a group in another one; without a parent in the caller's root."""
    said = {"name": name, "id": group_id, "url": url, "parent": parent}
    return with_body("POST", path_of("groups"), given(said))


def groups(
    *,
    name: str | None = None,
    roots: bool = False,
    path: str | None = None,
    job: str | None = None,
    group: str | None = None,
    limit: int | None = None,
    cursor: str | None = None,
) -> Request:
    """List the caller's groups; or those that a job or group is in; or what is at a path."""
    query = (
        ("name", name),
        ("roots", roots),
        ("path", path),
        ("job", job),
        ("group", group),
        ("limit", limit),
        ("cursor", cursor),
    )
    return Request("GET", path_of("groups"), present(query))


def group(ref: str) -> Request:
    """Ask for a group."""
    return Request("GET", path_of("groups", ref))


def change_group(ref: str, *, name: str | None = None, url: str | None = None) -> Request:
    """Give a group another name or address; an empty address takes it away."""
    return with_body("PATCH", path_of("groups", ref), given({"name": name, "url": url}))


def delete_group(ref: str) -> Request:
    """Forget a group; what is in it lives on."""
    return Request("DELETE", path_of("groups", ref))


def members(ref: str, *, limit: int | None = None, cursor: str | None = None) -> Request:
    """List what is directly in a group."""
    query = present((("limit", limit), ("cursor", cursor)))
    return Request("GET", path_of("groups", ref, "members"), query)


def add_members(ref: str, *, jobs: Sequence[str] = (), groups: Sequence[str] = ()) -> Request:
    """Put jobs and groups into a group."""
    body = {"jobs": list(jobs), "groups": list(groups)}
    return with_body("POST", path_of("groups", ref, "members"), body)


def remove_member(ref: str, member: str, *, kind: str | None = None) -> Request:
    """Take one thing out of a group."""
    return Request("DELETE", path_of("groups", ref, "members", member), present((("kind", kind),)))


def tree(ref: str, *, jobs: bool = False, limit: int | None = None) -> Request:
    """Ask for all below a group."""
    return Request(
        "GET", path_of("groups", ref, "tree"), present((("jobs", jobs), ("limit", limit)))
    )
