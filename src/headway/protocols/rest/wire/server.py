"""What admins see of the server itself."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta

from headway.protocols.rest.wire.documents import Document
from headway.protocols.rest.wire.queries import Query


class ClustersQuery(Query, frozen=True, kw_only=True):
    """Which clusters."""

    health: (
        Annotated[Literal["trouble"], Meta(description="Only those that are in trouble.")] | None
    ) = None


class TroubleDocument(Document, frozen=True, kw_only=True):
    """What is amiss with a cluster: it does not answer (`down`), is too slow to answer, or what its ``detail`` says (`other`).

    ``concerns_you``: whoever asks sees jobs there that have not ended.
    """

    what: Literal["down", "slow", "other"]
    since: datetime
    concerns_you: bool


class ClusterDocument(Document, frozen=True, kw_only=True):
    """A cluster now: ``detail`` says what is amiss, the numbers count everybody's jobs, ``room`` is for how many more.

    Attributes:
        trouble: since when, and of what kind; null while all is well.
        runs_as: the account that jobs run as; "" where it is not known here, null where each runs as its owner's.
        adopts: jobs there that Headway did not submit are shown too.
        others: how many of those it lists now; null where none can be seen, or before the first listing.
    """

    name: str
    kind: str
    health: Literal["ok", "trouble"]
    detail: str
    trouble: TroubleDocument | None
    accepted: int
    queued: int
    running: int
    room: int
    runs_as: str | None
    adopts: bool
    others: int | None


class ClustersDocument(Document, frozen=True, kw_only=True):
    """Every cluster, by name."""

    clusters: Sequence[ClusterDocument]


class StorageDocument(Document, frozen=True, kw_only=True):
    """What the server keeps. Sizes are bytes; ``reusable_bytes`` of the database are empty; null where it is on no disk."""

    jobs: int
    tokens: int
    database_bytes: int
    reusable_bytes: int
    disk_bytes: int | None
    disk_free_bytes: int | None
