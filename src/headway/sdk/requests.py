"""Every request that a client can make, as a value: nothing is sent here.

A job is named by ``ref``: its UUID or its number, as text. What an answer means is read in ``headway.sdk.answers``.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

from headway.lib.jsonvalue import JsonObject, JsonValue
from headway.sdk.message import Pairs, Request, path_of, present

_JSON: Final = ("content-type", "application/json")


def submit(spec: JsonObject, *, key: str | None = None) -> Request:
    """Submit a job. ``spec`` is the flat object of POST /jobs; with a ``key`` it may be sent again without harm."""
    extra = () if key is None else (("idempotency-key", key),)
    return _with_body("POST", path_of("jobs"), spec, extra)


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
        ("hidden", hidden),
        ("limit", limit),
        ("cursor", cursor),
    )
    return Request("GET", path_of("jobs"), present(query))


def job(ref: str) -> Request:
    """Ask for a job's whole document."""
    return Request("GET", path_of("jobs", ref))


def workers(ref: str, *, limit: int | None = None, cursor: str | None = None) -> Request:
    """List a job's workers, a page at a time."""
    query = present((("limit", limit), ("cursor", cursor)))
    return Request("GET", path_of("jobs", ref, "workers"), query)


def put_worker(
    ref: str,
    worker: str,
    *,
    current: float,
    total: float | None = None,
    ok: bool | None = None,
    desc: str | None = None,
) -> Request:
    """Tell how far a worker is. None keeps what was said before."""
    said = {"current": current, "total": total, "ok": ok, "desc": desc}
    return _with_body("PUT", path_of("jobs", ref, "workers", worker), _given(said))


def report(
    ref: str,
    *,
    workers: Iterable[JsonObject] = (),
    counters: JsonObject | None = None,
    status_text: str | None = None,
) -> Request:
    """Tell of several workers, counters and the status text at once."""
    said = {"workers": list(workers) or None, "counters": counters, "status_text": status_text}
    return _with_body("POST", path_of("jobs", ref, "report"), _given(said))


def counters(ref: str, values: JsonObject, *, replace: bool = False) -> Request:
    """Set counters: key to value, to ``[value, colour]``, or to None, which removes it. ``replace`` drops all others."""
    return _with_body("PUT" if replace else "PATCH", path_of("jobs", ref, "counters"), values)


def status_text(ref: str, text: str) -> Request:
    """Set a job's free words."""
    return _with_body("PUT", path_of("jobs", ref, "status-text"), {"text": text})


def labels(ref: str, *, add: Sequence[str] = (), remove: Sequence[str] = ()) -> Request:
    """Add and remove labels."""
    return _with_body(
        "PATCH", path_of("jobs", ref, "labels"), {"add": list(add), "remove": list(remove)}
    )


def cancel(ref: str) -> Request:
    """Ask for a job to be cancelled."""
    return _with_body("POST", path_of("jobs", ref, "cancel"), {})


def retry(ref: str) -> Request:
    """Ask for an ended job's next attempt."""
    return _with_body("POST", path_of("jobs", ref, "retry"), {})


def clone(ref: str, edits: JsonObject, *, key: str | None = None) -> Request:
    """Submit a job like another one; each key of ``edits`` replaces the original's value."""
    headers = () if key is None else (("idempotency-key", key),)
    return _with_body("POST", path_of("jobs", ref, "clone"), edits, headers)


def hide(ref: str, *, hidden: bool) -> Request:
    """Leave a job out of lists, or take it in again."""
    return _with_body("POST", path_of("jobs", ref, "hide" if hidden else "unhide"), {})


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
    asked |= _given({"ids": None if ids is None else list(ids), "q": q})
    if add or remove:
        asked |= {"add": list(add), "remove": list(remove)}
    return _with_body("POST", path_of("bulk"), asked)


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
    return _with_body("POST", path_of("jobs", ref, "finish"), _given(said))


def log(
    ref: str,
    stream: str,
    *,
    first_byte: int | None = None,
    last_byte: int | None = None,
    tail: str | None = None,
    follow: bool = False,
    attempt: int | None = None,
) -> Request:
    """Read what a job wrote: a range of bytes, or its ``tail`` (``"4096"`` bytes or ``"20l"`` lines).

    With ``follow`` the answer goes on until the job has ended.
    """
    query = present((("tail", tail), ("follow", follow), ("attempt", attempt)))
    return Request("GET", path_of("jobs", ref, "log", stream), query, _range(first_byte, last_byte))


def job_events(ref: str, *, after: int = 0, limit: int | None = None) -> Request:
    """List what happened to a job, oldest first."""
    query = present((("after", after), ("limit", limit)))
    return Request("GET", path_of("jobs", ref, "events"), query)


def changes(
    *,
    after: int | None = None,
    job: str | None = None,
    q: str | None = None,
    labels: Sequence[str] = (),
    owner: str | None = None,
) -> Request:
    """Ask for changes as they happen, as server-sent events. ``after``: the last sequence already known."""
    query = present(
        (
            ("after", after),
            ("job", job),
            ("q", q),
            *(("label", label) for label in labels),
            ("owner", owner),
        )
    )
    return Request("GET", path_of("events"), query, (("accept", "text/event-stream"),))


def filters() -> Request:
    """List the caller's saved filters."""
    return Request("GET", path_of("filters"))


def save_filter(name: str, q: str) -> Request:
    """Keep a query under a name."""
    return _with_body("PUT", path_of("filters", name), {"q": q})


def delete_filter(name: str) -> Request:
    """Forget a saved filter."""
    return Request("DELETE", path_of("filters", name))


def create_token(
    scopes: Sequence[str],
    *,
    user: str | None = None,
    note: str | None = None,
    expires_in_s: float | None = None,
) -> Request:
    """Make a token; its secret is in the answer and nowhere else."""
    said = {"scopes": list(scopes), "user": user, "note": note, "expires_in_s": expires_in_s}
    return _with_body("POST", path_of("tokens"), _given(said))


def tokens() -> Request:
    """List tokens, without their secrets."""
    return Request("GET", path_of("tokens"))


def revoke_token(token_id: str) -> Request:
    """Make a token worthless."""
    return Request("DELETE", path_of("tokens", token_id))


def whoami() -> Request:
    """Ask who the server takes us for."""
    return Request("GET", path_of("whoami"))


def health() -> Request:
    """Ask whether the server is well, and which version it is."""
    return Request("GET", "/healthz")


def metrics() -> Request:
    """Ask for the server's figures."""
    return Request("GET", "/metrics", headers=(("accept", "text/plain"),))


def create_named(
    name: str,
    *,
    desc: str | None = None,
    max_age_s: float | None = None,
    workers: int | None = None,
) -> Request:
    """Make a job that only reports, under a name of the caller's (the progress protocol)."""
    said = (("jobid", name), ("desc", desc or name), ("maxage", max_age_s), ("workers", workers))
    return Request("GET", "/progress/create", present(said))


def report_named(
    name: str,
    worker: str,
    *,
    current: float,
    total: float | None = None,
    ok: bool | None = None,
    desc: str | None = None,
    key: str | None = None,
) -> Request:
    """Tell how far a worker of a named job is. ``key`` is the one that its update address holds."""
    said = (
        ("jobid", name),
        ("workid", worker),
        ("current", current),
        ("total", total),
        ("ok", None if ok is None else int(ok)),
        ("desc", desc),
        ("k", key),
    )
    return Request("GET", "/progress/update", present(said))


def show_named(name: str, *, key: str | None = None) -> Request:
    """Ask for a named job's page; its header ``headway-job`` tells the job's id."""
    query = present((("jobid", name), ("k", key)))
    return Request("HEAD", "/progress/show", query, (("accept", "text/html"),))


def _with_body(method: str, path: str, body: JsonValue, headers: Pairs = ()) -> Request:
    text = json.dumps(body, allow_nan=False, separators=(",", ":"), ensure_ascii=False)
    return Request(method, path, (), (_JSON, *headers), text.encode("utf-8", "backslashreplace"))


def _given(values: Mapping[str, JsonValue]) -> JsonObject:
    return {name: value for name, value in values.items() if value is not None}


def _range(first_byte: int | None, last_byte: int | None) -> Pairs:
    if first_byte is None and last_byte is None:
        return ()
    if first_byte is None:
        return (("range", f"bytes=-{last_byte}"),)
    return (("range", f"bytes={first_byte}-{'' if last_byte is None else last_byte}"),)
