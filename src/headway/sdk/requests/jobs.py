"""Requests about jobs: to make, find, change and end them. A job is named by ``ref``: its UUID or its number, as text."""

from collections.abc import Sequence
from datetime import datetime

from headway.lib.jsonvalue import JsonObject, JsonValue
from headway.sdk.message import Request, path_of, present
from headway.sdk.requests.bodies import given, with_body


def submit(spec: JsonObject, *, key: str | None = None) -> Request:
    """Submit a job. ``spec`` is the flat object of POST /jobs; with a ``key`` it may be sent again without harm."""
    extra = () if key is None else (("idempotency-key", key),)
    return with_body("POST", path_of("jobs"), spec, extra)


def jobs(
    *,
    q: str | None = None,
    states: Sequence[str] = (),
    labels: Sequence[str] = (),
    name: str | None = None,
    owner: str | None = None,
    cluster: str | None = None,
    since: datetime | str | None = None,
    text: str | None = None,
    parent: str | None = None,
    group: str | None = None,
    hidden: bool = False,
    limit: int | None = None,
    cursor: str | None = None,
) -> Request:
    """List jobs, newest first, a page at a time. ``q`` is a query; ``since`` is an aware time, or one in RFC 3339."""
    query = (
        ("q", q),
        *(("state", state) for state in states),
        *(("label", label) for label in labels),
        ("name", name),
        ("owner", owner),
        ("cluster", cluster),
        ("since", since.isoformat() if isinstance(since, datetime) else since),
        ("text", text),
        ("parent", parent),
        ("group", group),
        ("hidden", hidden),
        ("limit", limit),
        ("cursor", cursor),
    )
    return Request("GET", path_of("jobs"), present(query))


def job(ref: str) -> Request:
    """Ask for a job's whole document."""
    return Request("GET", path_of("jobs", ref))


def why(ref: str) -> Request:
    """Ask why a job is where it is."""
    return Request("GET", path_of("jobs", ref, "why"))


def native(ref: str, *, attempt: int | None = None) -> Request:
    """Ask for all that the scheduler itself has to say of a job, or of an earlier attempt."""
    return Request("GET", path_of("jobs", ref, "native"), present((("attempt", attempt),)))


def labels(ref: str, *, add: Sequence[str] = (), remove: Sequence[str] = ()) -> Request:
    """Add and remove labels."""
    return with_body(
        "PATCH", path_of("jobs", ref, "labels"), {"add": list(add), "remove": list(remove)}
    )


def cancel(ref: str) -> Request:
    """Ask for a job to be cancelled."""
    return with_body("POST", path_of("jobs", ref, "cancel"), {})


def retry(ref: str) -> Request:
    """Ask for an ended job's next attempt."""
    return with_body("POST", path_of("jobs", ref, "retry"), {})


def clone(ref: str, edits: JsonObject, *, key: str | None = None) -> Request:
    """Submit a job like another one; each key of ``edits`` replaces the original's value."""
    headers = () if key is None else (("idempotency-key", key),)
    return with_body("POST", path_of("jobs", ref, "clone"), edits, headers)


def hide(ref: str, *, hidden: bool) -> Request:
    """Leave a job out of lists, or take it in again."""
    return with_body("POST", path_of("jobs", ref, "hide" if hidden else "unhide"), {})


def bulk(
    action: str,
    *,
    ids: Sequence[str] | None = None,
    q: str | None = None,
    add: Sequence[str] = (),
    remove: Sequence[str] = (),
    dry_run: bool = False,
) -> Request:
    """Do one action to many jobs: those of ``ids``, or those that the query ``q`` finds."""
    asked: dict[str, JsonValue] = {"action": action, "dry_run": dry_run}
    asked |= given({"ids": None if ids is None else list(ids), "q": q})
    if add or remove:
        asked |= {"add": list(add), "remove": list(remove)}
    return with_body("POST", path_of("bulk"), asked)


def finish(
    ref: str,
    *,
    exit_code: int | None = None,
    signal: int | None = None,
    message: str | None = None,
    usage: JsonObject | None = None,
) -> Request:
    """Say that a job that only reports has ended; with neither exit code nor signal it has succeeded."""
    said = {"exit_code": exit_code, "signal": signal, "message": message, "usage": usage}
    return with_body("POST", path_of("jobs", ref, "finish"), given(said))
