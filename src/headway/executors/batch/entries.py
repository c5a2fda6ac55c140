"""The attempts that a batch executor follows now. All of it can be made again from the scheduler and the attempts' directories."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from headway.core.model.names import NativeId, Tag
from headway.core.model.state import Reason, State
from headway.core.ports.executor import Observation
from headway.executors.batch.native import NativeJob

_CLOCKS_DIFFER: Final = timedelta(minutes=5)
_OVERTAKEN_BY: Final = timedelta(
    minutes=2
)  #: no listing takes longer; more is a clock that was set back
_LIVELY: Final = {State.RUNNING: 2, State.QUEUED: 1}


class Told(NamedTuple):
    """What was said of an attempt last."""

    state: State
    reason: Reason | None
    native_state: str


class Waiting(NamedTuple):
    """What the last listing said beside the state."""

    why: str
    expected_start: datetime | None
    position: int | None
    queue: str
    host: str
    at: datetime


class Followed(NamedTuple):
    """A native job without our mark: its command has submitted it and printed its id.

    Attributes:
        at: when that was; a job of the same id that was submitted at another time is a stranger's.
        log: where its output goes; "" where nobody said.
    """

    native_id: NativeId
    at: datetime
    log: str

    def is_this(self, row: NativeJob) -> bool:
        """Tell whether a row is this job's."""
        if row.id != self.native_id or row.is_marked:
            return False
        return row.submitted is None or abs(row.submitted - self.at) <= _CLOCKS_DIFFER


class Entry:
    """One attempt. Small: a cluster may have ten thousand.

    Attributes:
        base: the attempt whose directory it has: an earlier one when the scheduler put it back into its queue.
        home: the attempt under whose mark it was submitted: its base, or the first of the array that it is an element of.
        element: its place in that array, 0 and up; None when it is in none.
        run: which run of the batch script it is, 0 the first.
        since: when it was handed over, taken up again, or given up as lost.
        asked: when that listing was asked for which was looked at last: one from before it tells nothing new.
        seen: it has been in a listing since.
        silent: since when neither queue nor accounting nor directory say anything of it.
        follows: its native job was submitted by its own command, and is known by its id; see ``Followed``.
        cancelled: when its end was asked for; ``ending``: of these native jobs the scheduler was asked it.
        over: its end was told, and is not acknowledged yet.
        again: what was told last is to be told again.
        end: what was told of it by its own record alone; the scheduler's word for it is still to come.
        settled: when that was acknowledged.
    """

    __slots__ = (
        "again",
        "asked",
        "base",
        "cancelled",
        "element",
        "end",
        "ending",
        "follows",
        "home",
        "native_id",
        "over",
        "run",
        "seen",
        "settled",
        "silent",
        "since",
        "started",
        "tag",
        "told",
        "waiting",
    )

    def __init__(
        self,
        tag: Tag,
        *,
        base: Tag,
        since: datetime,
        home: Tag | None = None,
        element: int | None = None,
    ) -> None:
        self.tag = tag
        self.base = base
        self.home = home or base
        self.element = element
        self.run = 0
        self.since = since
        self.asked: datetime | None = None
        self.native_id: NativeId | None = None
        self.seen = False
        self.silent: datetime | None = None
        self.started: datetime | None = None
        self.told: Told | None = None
        self.waiting: Waiting | None = None
        self.follows: Followed | None = None
        self.cancelled: datetime | None = None
        self.ending: tuple[NativeId, ...] = ()
        self.over = False
        self.again = False
        self.end: Observation | None = None
        self.settled: datetime | None = None

    @property
    def is_lost(self) -> bool:
        """Tell whether it was given up, and may still turn out to have ended some way."""
        return self.over and self.told is not None and self.told.reason is Reason.LOST

    def repeat(self) -> None:
        """Have what is known of it said again."""
        self.again, self.over = True, False

    def was_told(self, told: Told) -> bool:
        """Tell whether this was said last, and need not be said again."""
        return self.told == told and not self.again

    def is_past(self, asked: datetime) -> bool:
        """Tell whether what was asked at a time is older than what is known: another listing has overtaken it."""
        if self.since > asked:
            return True
        return self.asked is not None and timedelta() < self.asked - asked < _OVERTAKEN_BY

    def news(self, seen: Observation) -> list[Observation]:
        """Keep what is said of it; gives it back, or nothing where that was said last."""
        told = Told(seen.state, seen.reason, seen.native_state)
        if self.was_told(told):
            return []
        self.told, self.again = told, False
        self.over = seen.state.is_final
        return [seen]


class Entries:
    """Entries by tag, and by the mark that the scheduler tells them by."""

    def __init__(self, mark_of: Callable[[str], str]) -> None:
        self._mark_of = mark_of
        self._by_tag: dict[Tag, Entry] = {}
        self._by_mark: dict[tuple[str, int | None], Entry] = {}
        self._by_id: dict[NativeId, Entry] = {}

    def __len__(self) -> int:
        return len(self._by_tag)

    def __iter__(self) -> Iterator[Entry]:
        return iter(list(self._by_tag.values()))

    def get(self, tag: Tag) -> Entry | None:
        """Give the entry of a tag."""
        return self._by_tag.get(tag)

    def of(self, row: NativeJob) -> Entry | None:
        """Give the entry that a row stands for.

        Its mark tells. Ids are given out again: they tell only of jobs that their own commands have submitted, and whose.
        """
        entry = self._by_mark.get((row.mark, row.index)) if row.mark else None
        if entry is not None:
            return entry
        followed = self._by_id.get(row.id)
        if followed is None or followed.follows is None or not followed.follows.is_this(row):
            return None
        return followed

    def rows_of(self, rows: Iterable[NativeJob]) -> Mapping[Tag, NativeJob]:
        """Give each attempt's row; of two native jobs with one mark the one that is further on."""
        found: dict[Tag, NativeJob] = {}
        for row in rows:
            entry = self.of(row)
            if entry is None:
                continue
            other = found.get(entry.tag)
            if other is None or _likelier(row, other, entry):
                found[entry.tag] = row
        return found

    def follow(self, entry: Entry, followed: Followed) -> None:
        """Know an entry's native job by its id."""
        entry.follows = followed
        entry.native_id = followed.native_id
        self._by_id[followed.native_id] = entry

    def marked(self, mark: str, element: int | None = None) -> Entry | None:
        """Give the entry that a mark in a listing stands for, with its place in an array."""
        return self._by_mark.get((mark, element))

    def add(self, entry: Entry) -> Entry:
        """Follow an attempt."""
        self._by_tag[entry.tag] = entry
        self._by_mark[self._key(entry)] = entry
        return entry

    def drop(self, entry: Entry) -> None:
        """Follow it no more."""
        self._by_tag.pop(entry.tag, None)
        key = self._key(entry)
        if self._by_mark.get(key) is entry:
            del self._by_mark[key]
        if entry.follows is not None and self._by_id.get(entry.follows.native_id) is entry:
            del self._by_id[entry.follows.native_id]

    def _key(self, entry: Entry) -> tuple[str, int | None]:
        return self._mark_of(entry.home), entry.element

    def rename(self, entry: Entry, tag: Tag) -> None:
        """Have an entry stand for the next attempt of its job."""
        self._by_tag.pop(entry.tag, None)
        entry.tag = tag
        self._by_tag[tag] = entry


def _likelier(row: NativeJob, other: NativeJob, entry: Entry) -> bool:
    """Tell which of two native jobs with one mark is the attempt: the one that lives, or the one that was answered."""
    lively = _LIVELY.get(row.state or State.QUEUED, 0) - _LIVELY.get(other.state or State.QUEUED, 0)
    return lively > 0 or (lively == 0 and row.id == entry.native_id)
