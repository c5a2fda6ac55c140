"""Requests for what a job wrote and for what happened, then and now."""

from collections.abc import Sequence

from headway.sdk.message import Pairs, Request, path_of, present


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


def log_lines(
    ref: str,
    stream: str,
    *,
    first: int = 1,
    count: int | None = None,
    attempt: int | None = None,
) -> Request:
    """Read lines of what a job wrote, counted from 1; a negative ``first`` counts from the end."""
    query = present((("first", first), ("count", count), ("attempt", attempt)))
    return Request("GET", path_of("jobs", ref, "log", stream, "lines"), query)


def search_log(
    ref: str,
    stream: str,
    *,
    text: str | None = None,
    regex: bool = False,
    errors: bool = False,
    match_case: bool = False,
    after: int = 0,
    until: int | None = None,
    limit: int | None = None,
    attempt: int | None = None,
) -> Request:
    """Find lines of what a job wrote, behind line ``after`` and up to ``until``."""
    query = (
        ("text", text),
        ("regex", regex),
        ("errors", errors),
        ("case", match_case),
        ("after", after),
        ("until", until),
        ("limit", limit),
        ("attempt", attempt),
    )
    return Request("GET", path_of("jobs", ref, "log", stream, "search"), present(query))


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


def _range(first_byte: int | None, last_byte: int | None) -> Pairs:
    if first_byte is None and last_byte is None:
        return ()
    if first_byte is None:
        return (("range", f"bytes=-{last_byte}"),)
    return (("range", f"bytes={first_byte}-{'' if last_byte is None else last_byte}"),)
