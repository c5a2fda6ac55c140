"""Every error that Headway raises on purpose.

HeadwayError
├── InvalidRequest          the caller's fault; the same call fails again
│   ├── TooLarge            more bytes, items or depth than allowed
│   ├── UnsupportedMediaType  a body that is not in a format this call reads
│   ├── StagingFailed       a file that a job needs or makes cannot be brought or fetched
│   └── KeyReused           an idempotency key came back with another body
├── Unauthenticated         nobody knows who is asking
├── Forbidden               it is known who is asking, and they may not
├── NotFound                no job, worker, token or name like that (or none that the caller may see)
├── Conflict                somebody changed it meanwhile, or its state does not allow the call
│   ├── PreconditionFailed  the job is not of the revision that the caller named
│   └── InFlight            the same idempotency key is being worked on
├── TooMany                 more requests than allowed from one place; ask again later
├── StorageFull             no space left; nothing was changed; ask again later
├── ExecutorRejected        the executor understood and said no; do not retry
├── ExecutorUnavailable     the executor could not be asked; retry later
│   └── ExecutorSlow        it was asked and did not answer in time; what it has done is not known
├── ServerUnreachable       a client got no answer from a Headway server, or none that it understands
└── TimedOut                a client waited, and what it waited for did not happen in the time given

Protocols map these to their own words (headway.protocols.http.problems); nothing else is caught there.
"""

from typing import ClassVar


class HeadwayError(Exception):
    """Base of every error raised on purpose. ``str(error)`` is fit to show to a user."""

    code: ClassVar[str] = "error"


class InvalidRequest(HeadwayError):
    """A value the caller gave cannot be used. ``field`` names it, as the caller spelled it."""

    code: ClassVar[str] = "invalid-request"

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class TooLarge(InvalidRequest):
    """A value is larger than the limit that the message names."""

    code: ClassVar[str] = "too-large"


class UnsupportedMediaType(InvalidRequest):
    """A body came in a format that the call does not read; the message names those it does."""

    code: ClassVar[str] = "unsupported-media-type"


class StagingFailed(InvalidRequest):
    """A file cannot be brought to a job or fetched from it; the message names the entry and says why."""

    code: ClassVar[str] = "staging-failed"


class KeyReused(InvalidRequest):
    """An idempotency key was used before with another request."""

    code: ClassVar[str] = "idempotency-key-reused"


class Unauthenticated(HeadwayError):
    """The caller did not say who they are, or what they said is not true (any more)."""

    code: ClassVar[str] = "unauthenticated"


class Forbidden(HeadwayError):
    """The caller is known and may not do this; the message says what would be needed."""

    code: ClassVar[str] = "forbidden"


class NotFound(HeadwayError):
    """Nothing has that id, or nothing that the caller may see."""

    code: ClassVar[str] = "not-found"


class Conflict(HeadwayError):
    """The job is not in the state the call needs, or somebody changed it meanwhile."""

    code: ClassVar[str] = "conflict"


class InFlight(Conflict):
    """A request with the same idempotency key is still being worked on; ask again in a moment."""

    code: ClassVar[str] = "idempotency-key-in-flight"


class PreconditionFailed(Conflict):
    """The job has another revision than those that the caller wants to change. Nothing was changed."""

    code: ClassVar[str] = "precondition-failed"


class TooMany(HeadwayError):
    """More requests than one place may make; ask again after ``retry_s`` seconds."""

    code: ClassVar[str] = "too-many-requests"

    def __init__(self, message: str, *, retry_s: float = 1.0) -> None:
        super().__init__(message)
        self.retry_s = retry_s


class StorageFull(HeadwayError):
    """The store has no space left. Nothing was changed; the same call may succeed later."""

    code: ClassVar[str] = "storage-full"


class ExecutorRejected(HeadwayError):
    """The executor refused the job for good: a bad queue, account or limit."""

    code: ClassVar[str] = "executor-rejected"


class ExecutorUnavailable(HeadwayError):
    """The executor could not be asked, or did not answer in time."""

    code: ClassVar[str] = "executor-unavailable"


class ExecutorSlow(ExecutorUnavailable):
    """The executor was asked and did not answer in time; what it has done is not known."""

    code: ClassVar[str] = "executor-slow"


class ServerUnreachable(HeadwayError):
    """No Headway server answered at that address. A request that changes things may have been done all the same."""

    code: ClassVar[str] = "server-unreachable"


class TimedOut(HeadwayError):
    """What a client waited for did not happen in the time given; the job itself goes on."""

    code: ClassVar[str] = "timed-out"
