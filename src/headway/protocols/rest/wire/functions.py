"""Documents of functions, and of many jobs at once."""

from collections.abc import Sequence

from headway.protocols.rest.wire.documents import Document, JobSummary


class FunctionKey(Document, frozen=True, kw_only=True):
    """What a user's functions are signed with: HMAC-SHA256 of the pickled bytes, in hexadecimal."""

    key: str


class JobsDocument(Document, frozen=True, kw_only=True):
    """Jobs that were just made, in the order in which they came."""

    jobs: Sequence[JobSummary]
