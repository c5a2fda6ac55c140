"""Requests about functions, and for many jobs at once."""

from collections.abc import Sequence

from headway.lib.jsonvalue import JsonObject
from headway.sdk.message import Request, path_of, present
from headway.sdk.requests.bodies import with_body


def submit_many(specs: Sequence[JsonObject], *, key: str | None = None) -> Request:
    """Submit up to 1,000 jobs, all of them or none; with a ``key`` it may be sent again without harm."""
    extra = () if key is None else (("idempotency-key", key),)
    return with_body("POST", path_of("jobs", "many"), {"jobs": list(specs)}, extra)


def function_key() -> Request:
    """Ask for the key that one's own functions are signed with."""
    return Request("GET", path_of("functions", "key"))


def function_ends(*, after: int | None = None) -> Request:
    """Ask to be told of each of one's own functions that ends, as server-sent events."""
    query = present((("after", after),))
    return Request("GET", path_of("functions", "ends"), query, (("accept", "text/event-stream"),))


def result(ref: str) -> Request:
    """Read all that a function gave back, as bytes."""
    return Request("GET", path_of("jobs", ref, "result"), headers=(("accept", "*/*"),))
