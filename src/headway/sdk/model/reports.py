"""Workers and events."""

from datetime import datetime

import msgspec

from headway.lib.jsonvalue import JsonObject


class Worker(msgspec.Struct, frozen=True, kw_only=True):
    """How far a worker is. ``fraction`` is 0 to 1, and None without a total."""

    id: str
    current: float
    total: float | None = None
    ok: bool = True
    desc: str = ""
    fraction: float | None = None
    finished: bool = False
    rate_per_s: float | None = None
    eta_s: float | None = None
    stalled: bool = False
    first_seen: datetime | None = None
    updated: datetime | None = None


class WorkerPage(msgspec.Struct, frozen=True, kw_only=True):
    """Some workers, and the cursor of the next page; None on the last."""

    workers: tuple[Worker, ...]
    next: str | None = None


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened to a job."""

    seq: int
    type: str
    time: datetime
    job: str | None = None
    actor: str = ""
    protocol: str = ""
    data: JsonObject = msgspec.field(default_factory=dict)


class EventPage(msgspec.Struct, frozen=True, kw_only=True):
    """Some events, and the sequence to go on after; None when there are no more yet."""

    events: tuple[Event, ...]
    next: int | None = None
