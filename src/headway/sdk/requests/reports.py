"""Requests that tell how far a job is, or ask for what was told; by names of the caller's own too."""

from collections.abc import Iterable

from headway.lib.jsonvalue import JsonObject
from headway.sdk.message import Request, path_of, present
from headway.sdk.requests.bodies import given, with_body


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
    return with_body("PUT", path_of("jobs", ref, "workers", worker), given(said))


def report(
    ref: str,
    *,
    workers: Iterable[JsonObject] = (),
    counters: JsonObject | None = None,
    status_text: str | None = None,
) -> Request:
    """Tell of several workers, counters and the status text at once."""
    said = {"workers": list(workers) or None, "counters": counters, "status_text": status_text}
    return with_body("POST", path_of("jobs", ref, "report"), given(said))


def counters(ref: str, values: JsonObject, *, replace: bool = False) -> Request:
    """Set counters: key to value, to ``[value, colour]``, or to None, which removes it. ``replace`` drops all others."""
    return with_body("PUT" if replace else "PATCH", path_of("jobs", ref, "counters"), values)


def status_text(ref: str, text: str) -> Request:
    """Set a job's free words."""
    return with_body("PUT", path_of("jobs", ref, "status-text"), {"text": text})


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
