"""Requests for what callbacks were told. A delivery is named by the event's sequence and the callback's place in its job."""

from collections.abc import Sequence

from headway.sdk.message import Request, path_of, present


def deliveries(
    ref: str | None = None,
    *,
    states: Sequence[str] = (),
    limit: int | None = None,
    cursor: str | None = None,
) -> Request:
    """List what the callbacks of a job were told, or those of all jobs; the newest event first."""
    path = path_of("callbacks") if ref is None else path_of("jobs", ref, "callbacks")
    many = [("state", state) for state in states]
    return Request("GET", path, present((*many, ("limit", limit), ("cursor", cursor))))


def delivery(event: int, callback: int) -> Request:
    """Read what came of telling a callback an event."""
    return Request("GET", path_of("callbacks", str(event), str(callback)))


def replay(event: int, callback: int) -> Request:
    """Have a callback told an event again."""
    return Request("POST", path_of("callbacks", str(event), str(callback), "replay"))


def drop(event: int, callback: int) -> Request:
    """Give up telling a callback an event."""
    return Request("DELETE", path_of("callbacks", str(event), str(callback)))
