"""What people would call news: one append-only row each, written with the change it tells of."""

from datetime import datetime
from enum import StrEnum

import msgspec

from headway.core.model.names import GroupId, JobId, Seq
from headway.core.model.state import State
from headway.lib.jsonvalue import JsonObject


class EventType(StrEnum):
    """The types of events."""

    ACCEPTED = "job.accepted"
    QUEUED = "job.queued"
    RUNNING = "job.running"
    SUCCEEDED = "job.succeeded"
    FAILED = "job.failed"
    CANCELLED = "job.cancelled"
    CORRECTED = "job.corrected"
    REOPENED = "job.reopened"
    SUPERSEDED = "job.superseded"
    REQUEUED = "job.requeued"
    CANCEL_REQUESTED = "job.cancel_requested"
    REASON = "job.reason"
    STATUS = "job.status"
    LABELS = "job.labels"
    COUNTERS = "job.counters"
    RESULT = "job.result"
    NATIVE = "job.native"
    HIDDEN = "job.hidden"
    PURGED = "job.purged"
    EXPIRED = "job.expired"
    CALLBACK_DEAD = "job.callback_dead"
    CALLBACK_REPLAYED = "job.callback_replayed"
    CALLBACK_DROPPED = "job.callback_dropped"
    GROUP_CREATED = "group.created"
    GROUP_CHANGED = "group.changed"
    GROUP_ADDED = "group.added"
    GROUP_REMOVED = "group.removed"
    GROUP_DELETED = "group.deleted"
    TOKEN_CREATED = "token.created"  # noqa: S105 -- an event's name
    TOKEN_REVOKED = "token.revoked"  # noqa: S105


class Event(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Something that happened. ``seq`` is 0 until the store gave it one.

    ``group`` is the group that it is about, as (owner, id): it is no job's event then.
    """

    job: JobId | None
    time: datetime
    type: EventType
    actor: str
    protocol: str
    data: JsonObject = msgspec.field(default_factory=dict)
    group: tuple[str, GroupId] | None = None
    seq: Seq = Seq(0)


def of_state(state: State) -> EventType:
    """Give the event type of a job's arrival in a state."""
    return EventType(f"job.{state}")
