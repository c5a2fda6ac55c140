"""What an operation wants written, as one value. The store writes many of them in one transaction."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec

from headway.core.errors import InvalidRequest
from headway.core.model.delivery import Delivery
from headway.core.model.event import Event
from headway.core.model.group import DroppedGroup, Group, Membership, Removal
from headway.core.model.job import Attempt, Job
from headway.core.model.names import JobId, Seq
from headway.core.model.principal import Token
from headway.core.model.result import Returned
from headway.core.model.saved_filter import SavedFilter
from headway.core.model.worker import Counter, Report, Worker
from headway.lib.jsonvalue import JsonValue

MOST_COUNTERS: Final = 10_000
MOST_COUNTERS_TEXT: Final = 2_000_000  #: characters, keys and texts together


class Alias(msgspec.Struct, frozen=True, kw_only=True):
    """A foreign id of a job. The newest generation is what the id means now."""

    namespace: str
    key: str
    job: JobId
    shown: str = ""  #: the id as it was first spelled, where the key is folded
    generation: int = 1


class RequestKey(msgspec.Struct, frozen=True, kw_only=True):
    """An idempotency key, scoped to the caller, and a digest of what it was sent with."""

    caller: str
    key: str
    digest: bytes
    job: JobId
    at: datetime


class CounterPatch(msgspec.Struct, frozen=True, kw_only=True):
    """Counters to set (None as the value deletes); ``replace`` drops all others first."""

    job: JobId
    values: tuple[tuple[str, JsonValue, str | None], ...]
    replace: bool = False
    at: datetime

    def applied_to(self, counters: Sequence[Counter], *, seq: Seq) -> tuple[Counter, ...]:
        """Give the job's counters after this patch, in their order.

        A counter that is set again keeps its place; a new one comes last. After a replacement the order is that of
        ``values``. All of them are written, told and read together: therefore they are bounded.

        Raises:
            InvalidRequest: they would be more than a job may have, or more text, and more than before.
        """
        kept = {} if self.replace else {counter.key: counter for counter in counters}
        free = 1 + max((counter.position for counter in kept.values()), default=-1)
        for key, value, colour in self.values:
            before = kept.get(key)
            if value is None:
                kept.pop(key, None)
                continue
            kept[key] = Counter(
                job=self.job,
                key=key,
                value=value,
                colour=colour,
                position=free if before is None else before.position,
                updated=self.at,
                seq=seq,
            )
            free += before is None
        after = tuple(sorted(kept.values(), key=lambda counter: counter.position))
        _check_bound("counters", counters, after, len, MOST_COUNTERS)
        _check_bound("characters in its counters", counters, after, _text_of, MOST_COUNTERS_TEXT)
        return after


def _check_bound(
    what: str,
    before: Sequence[Counter],
    after: Sequence[Counter],
    size: Callable[[Sequence[Counter]], int],
    most: int,
) -> None:
    if size(after) > max(most, size(before)):
        raise InvalidRequest(f"a job may have at most {most} {what} in all", field="counters")


def _text_of(counters: Sequence[Counter]) -> int:
    return sum(
        len(one.key) + (len(one.value) if isinstance(one.value, str) else 0) for one in counters
    )


class Reports(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Reports of one job's workers, applied in their order by ``Worker.after``."""

    job: JobId
    reports: tuple[Report, ...]


class Change(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """All or nothing, and apart from its neighbours in the same transaction.

    ``jobs`` are new documents: one with rev 1 must not exist yet; any other replaces the one whose rev is one
    less, or the whole Change is a Conflict. ``deliveries`` replace stored ones by the same rule. An alias or request key that is taken is a Conflict too. ``filters`` replace
    those of the same user and name; ``dropped_filters`` are (user, name), and need not exist.

    ``results`` are kept beside their jobs' documents, each in the place of an earlier one's.
    ``groups`` are written by the rule of jobs' revs, then ``removals``, ``memberships`` and ``dropped_groups`` are done
    in this order; a removal of what is not there and a membership that is there already are nothing. A circle, too many
    levels (see ``Nesting``), or a second root of the same name, is a Conflict.
    What an event has to be told to its job's callbacks is stored with it (see ``deliveries_of``).
    All workers of the job ``workers_gone`` are deleted, before ``reports`` are applied.
    """

    jobs: tuple[Job, ...] = ()
    attempts: tuple[Attempt, ...] = ()
    workers_gone: JobId | None = None
    reports: Reports | None = None
    counters: CounterPatch | None = None
    results: tuple[tuple[JobId, Returned], ...] = ()
    aliases: tuple[Alias, ...] = ()
    request_key: RequestKey | None = None
    tokens: tuple[Token, ...] = ()
    filters: tuple[SavedFilter, ...] = ()
    dropped_filters: tuple[tuple[str, str], ...] = ()
    deliveries: tuple[Delivery, ...] = ()
    groups: tuple[Group, ...] = ()
    removals: tuple[Removal, ...] = ()
    memberships: tuple[Membership, ...] = ()
    dropped_groups: tuple[DroppedGroup, ...] = ()
    events: tuple[Event, ...] = ()


def merged(changes: Sequence[Change], *, request_key: RequestKey | None) -> Change:
    """Give Changes that make new jobs as one, all or nothing."""
    return Change(
        jobs=tuple(job for change in changes for job in change.jobs),
        aliases=tuple(alias for change in changes for alias in change.aliases),
        memberships=tuple(place for change in changes for place in change.memberships),
        events=tuple(event for change in changes for event in change.events),
        request_key=request_key,
    )


class Written(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A Change as it was committed: with numbers and sequences. This is what listeners get.

    Attributes:
        seq: the sequence of its rows; its events have sequences of their own, the last of which is ``seq``.
        workers_gone: the job that lost all workers that it had before this; it has a new attempt.
        workers: those that the reports changed, each once.
        before: what was stored of each of ``jobs`` before, None for a new one. Empty in what is read later.
        gone: jobs that changed and are not (any more) among those that were asked for; only in what is read later.
        counters: all counters of the job ``counters_of``.
        deliveries: those that changed and those that came with the events; none in what is read later.
        groups: those that were made or changed, as they are stored; none in what is read later, as of the next three.
        removals: of what really was there.
        memberships: those that are new, with their positions.
        dropped_groups: those that were there; their members were not removed one by one.
    """

    seq: Seq
    jobs: tuple[Job, ...] = ()
    before: tuple[Job | None, ...] = ()
    gone: tuple[JobId, ...] = ()
    workers_gone: JobId | None = None
    workers: tuple[Worker, ...] = ()
    counters: tuple[Counter, ...] = ()
    counters_of: JobId | None = (
        None  #: set when a job's counters were changed, deleted ones included
    )
    tokens: tuple[Token, ...] = ()
    deliveries: tuple[Delivery, ...] = ()
    groups: tuple[Group, ...] = ()
    removals: tuple[Removal, ...] = ()
    memberships: tuple[Membership, ...] = ()
    dropped_groups: tuple[DroppedGroup, ...] = ()
    events: tuple[Event, ...] = ()


class Retention(msgspec.Struct, frozen=True, kw_only=True):
    """How long things are kept after they are needed. None is for ever.

    Attributes:
        detail: a job's workers and counters' history after its end; the job's own row stays. And groups that no other
            group has any more, and that are no roots.
        events: news, and what callbacks were told; live clients that were away for longer start anew.
        jobs: ended jobs with all that belongs to them.
        request_keys: idempotency keys.
    """

    detail: timedelta | None = timedelta(days=30)
    events: timedelta | None = timedelta(days=90)
    jobs: timedelta | None = None
    request_keys: timedelta = timedelta(hours=24)
