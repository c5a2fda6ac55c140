"""What workers of functions on other systems say of their attempts."""

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from headway.protocols.rest.wire.body import Body

WorkerName = Annotated[str, Meta(min_length=8, max_length=200)]


class ClaimBody(Body, frozen=True, kw_only=True):
    """A worker that runs an attempt, or wants to. ``worker`` is its own secret name for this time."""

    worker: WorkerName
    host: Annotated[str, Meta(max_length=1000)] = ""
    pid: Annotated[int, Meta(ge=0, le=2**31)] = 0


class OutcomeBody(Body, frozen=True, kw_only=True):
    """How an attempt ended, by the worker that has claimed it; ``data`` is the result, base64."""

    worker: WorkerName
    outcome: dict[str, Any]
    data: bytes = b""
    stdout: str = ""
    stderr: str = ""


def claim_record(body: ClaimBody) -> bytes:
    """Give a claim as executors hear it."""
    return msgspec.json.encode({"claim": body})


def outcome_record(body: OutcomeBody) -> bytes:
    """Give an end as executors hear it."""
    return msgspec.json.encode({"outcome": body})
