"""The records in attempts' directories: which are looked for, and what they say together."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

import msgspec

from headway.core.model.names import NativeId, Tag, job_of_tag, tag_of
from headway.executors.batch import place
from headway.executors.batch.entries import Entry, Followed
from headway.executors.batch.place import Places, named
from headway.executors.batch.record import Ended, Started, read_ended, read_started
from headway.executors.batch.transport import File, Transport
from headway.lib.jsonvalue import JsonValue

CLAIM: Final = "claim"
_LAST_CHARACTERS: Final = 300
_OWN_COMMAND: Final = "submitted by its own command"  #: in the place of a native id
_REVOKED: Final = "given up before it began"  #: likewise
_LAST_S: Final = 253_402_300_799
_LONGEST_ID: Final = 200
#: Answers that are remembered as they were read: all elements of an array share one.
_KEPT: Final = 16


class Wanted(msgspec.Struct, frozen=True):
    """Whose records are wanted: of an attempt's directory, those of one run of the batch script.

    Attributes:
        home: the attempt that it was submitted with, as an array; None for itself.
    """

    base: Tag
    run: int = 0
    home: Tag | None = None


def wanted(entry: Entry, *, later: int = 0) -> Wanted:
    """Give what is wanted of an entry's run, or of one so many later."""
    return Wanted(entry.base, entry.run + later, entry.home)


def bases_of(tag: Tag) -> list[Tag]:
    """Give the attempts whose directory may be an attempt's: its own first, then those before it.

    The scheduler may have put one back into its queue: then it is a later run of the same submission.
    """
    job_id, no = job_of_tag(tag)
    return [tag_of(job_id, each) for each in range(no, 0, -1)]


def run_of(tag: Tag, base: Tag) -> int:
    """Give which run of the submission ``base`` an attempt is, 0 for the first."""
    return job_of_tag(tag)[1] - job_of_tag(base)[1]


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What is in an attempt's directory.

    Attributes:
        submitted: the native id that the scheduler answered; None when no answer came (or it was not written any more).
        claimed: the native id that runs it; ``revoked`` instead when nothing ever will.
        followed: the native job that its own command has submitted.
    """

    submitted: NativeId | None = None
    claimed: NativeId | None = None
    revoked: bool = False
    followed: Followed | None = None
    started: Started | None = None
    ended: Ended | None = None

    @property
    def is_there(self) -> bool:
        """Tell whether a scheduler has or had the attempt."""
        return (
            self.revoked
            or self.submitted is not None
            or self.claimed is not None
            or self.started is not None
        )


class Records:
    """Reads and writes what is beside the job in its directory.

    Args:
        first_index: what an array's first element is called by its scheduler.
    """

    def __init__(self, places: Places, transport: Transport, *, first_index: int = 0) -> None:
        self._places = places
        self._transport = transport
        self._first_index = first_index

    async def of(self, wanted: Sequence[Wanted]) -> Mapping[Wanted, Found]:
        """Read the records of several attempts at once.

        Raises:
            ExecutorUnavailable: it could not be looked.
        """
        paths = {one: self._paths(one) for one in wanted}
        every = dict.fromkeys(path for some in paths.values() for path in some.values())
        contents = await self._transport.collect(list(every))
        return {one: _found(some, contents) for one, some in paths.items()}

    async def write_submitted(
        self, answers: Mapping[Tag, NativeId], followed: Mapping[Tag, Followed]
    ) -> None:
        """Keep what the scheduler answered, or what a job's own command has printed.

        An answer need not be durable at once, for its job carries our mark; of the other kind this is all that is known.
        """
        said: dict[Tag, dict[str, JsonValue]] = {
            tag: {"native_id": native_id} for tag, native_id in answers.items()
        }
        for tag, one in followed.items():
            said[tag] = {"native_id": one.native_id, "at": one.at.timestamp(), "log": one.log}
        await self._transport.write(
            [
                File(
                    path=self._places.file(tag, place.SUBMITTED),
                    data=_json(words),
                    is_lasting=tag in followed,
                )
                for tag, words in said.items()
            ]
        )

    async def begin_submitting(self, base: Tag) -> bool:
        """Note that an attempt's own command is about to be run; False when that was noted before.

        Durable on return: whether a command that was cut off has submitted anything, nobody can tell.
        """
        claim = File(path=self._places.file(base, CLAIM), data=_json({"native_id": _OWN_COMMAND}))
        return await self._transport.write_new(claim)

    async def last_words(self, home: Tag, element: int | None = None) -> str:
        """Give the end of what the scheduler and the batch script themselves wrote, in one line; "" for nothing.

        Args:
            home: what it was submitted as.
            element: of an array, whose words; by our index.

        Raises:
            ExecutorUnavailable: it could not be looked.
        """
        path = self._places.file(home, place.SCHEDULER)
        if element is not None:
            path += f".{element + self._first_index}"
        said = (await self._transport.collect([path])).get(path, b"").decode("utf-8", "replace")
        line = " ".join("".join(c if c.isprintable() else " " for c in said).split())
        return line[-_LAST_CHARACTERS:]

    async def revoke(self, bases: Sequence[Tag], *, for_good: bool = True) -> set[Tag]:
        """See that nothing ever runs attempts that have not begun; gives those of which that is sure now.

        The claim is taken in the wrapper's stead, so exactly one of the two gets it.

        Args:
            for_good: it is durable on return, as it must be before the job is handed over again. Of one that its scheduler was
                told to end, and does not list, it need not be: to wait for the disk thousands of times takes minutes.

        Raises:
            ExecutorUnavailable: it could not be looked; ask again.
        """
        words = _json({"native_id": _REVOKED})
        paths = {base: self._places.file(base, CLAIM) for base in bases}
        claims = [File(path=path, data=words, is_lasting=for_good) for path in paths.values()]
        written = await self._transport.write_new_each(claims)
        known = dict(zip(paths, written, strict=True))
        there = [paths[base] for base, is_new in known.items() if is_new is False]
        contents = await self._transport.collect(there) if there else {}
        return {
            base
            for base, is_new in known.items()
            if is_new or _native_id(contents.get(paths[base], b"")) == _REVOKED
        }

    def _paths(self, one: Wanted) -> dict[str, str]:
        own = self._places.of(one.base)
        home = own if one.home is None else self._places.of(one.home)
        return {
            place.SUBMITTED: named(home, place.SUBMITTED),
            CLAIM: named(own, CLAIM),
            place.STARTED: named(own, place.STARTED, one.run),
            place.ENDED: named(own, place.ENDED, one.run),
        }


def _found(paths: Mapping[str, str], contents: Mapping[str, bytes]) -> Found:
    raw = {name: contents.get(path, b"") for name, path in paths.items()}
    claimed = _native_id(raw[CLAIM])
    return Found(
        submitted=_native_id(raw[place.SUBMITTED]),
        claimed=None if claimed == _REVOKED else claimed,
        revoked=claimed == _REVOKED,
        followed=_followed(raw[place.SUBMITTED]),
        started=read_started(raw[place.STARTED]),
        ended=read_ended(raw[place.ENDED]),
    )


@lru_cache(maxsize=_KEPT)
def _followed(raw: bytes) -> Followed | None:
    native_id = _native_id(raw)
    if native_id is None:
        return None
    found = json.loads(raw)
    at, log = found.get("at"), found.get("log")
    if isinstance(at, bool) or not isinstance(at, int | float) or not 0 <= at <= _LAST_S:
        return None
    return Followed(native_id, datetime.fromtimestamp(at, UTC), log if isinstance(log, str) else "")


def _json(value: Mapping[str, JsonValue]) -> bytes:
    return json.dumps(value).encode() + b"\n"


@lru_cache(maxsize=_KEPT)
def _native_id(raw: bytes) -> NativeId | None:
    if not raw:  # mostly: to try, and to be told so, takes ten times as long
        return None
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    value = found.get("native_id") if isinstance(found, dict) else None
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST_ID or not value.isprintable():
        return None  # the job itself may have written it
    return NativeId(value)
