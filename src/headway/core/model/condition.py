"""One condition on one field of a job: what a search is made of. Stores may put it into SQL; ``holds`` is what it means."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from string import ascii_lowercase, ascii_uppercase
from typing import Final, TypeAlias

import msgspec

from headway.core.model.job import Job

#: What a field's value may be compared as.
Value: TypeAlias = str | int | datetime

_LOWER: Final = str.maketrans(ascii_uppercase, ascii_lowercase)
_LAST: Final = 0x10FFFF
_SURROGATES: Final = range(0xD800, 0xE000)


class Field(StrEnum):
    """What can be asked for; named as in a job's document."""

    STATE = "state"
    REASON = "reason"
    LABEL = "label"
    NAME = "name"
    OWNER = "owner"
    CLUSTER = "cluster"
    PROTOCOL = "protocol"
    KIND = "kind"
    PROJECT = "project"
    STATUS_TEXT = "status_text"
    TEXT = "text"  #: name, status text and labels together
    CREATED = "created"
    QUEUED = "queued"
    STARTED = "started"
    ENDED = "ended"
    UPDATED = "updated"
    HIDDEN = "hidden"
    PARENT = "parent"
    ID = "id"
    NUMBER = "number"
    ATTEMPT = "attempt"
    EXIT_CODE = "exit_code"
    SIGNAL = "signal"
    NATIVE_ID = "native_id"
    GROUP = "group"  #: a job does not know where it is: see Selection.groups


class Equals(msgspec.Struct, frozen=True, tag=True):
    """The value is this one."""

    value: str | int

    def holds(self, value: Value) -> bool:
        """Tell whether a value is meant."""
        return value == self.value


class Begins(msgspec.Struct, frozen=True, tag=True):
    """The value is a text that begins so."""

    prefix: str

    def holds(self, value: Value) -> bool:
        """Tell whether a value is meant."""
        return isinstance(value, str) and value.startswith(self.prefix)


class Contains(msgspec.Struct, frozen=True, tag=True):
    """The value is a text with these characters in it; upper and lower case of ASCII letters alike."""

    text: str

    def holds(self, value: Value) -> bool:
        """Tell whether a value is meant."""
        return isinstance(value, str) and folded(self.text) in folded(value)


class Within(msgspec.Struct, frozen=True, tag=True):
    """The value is a number or time from ``least`` on and below ``below``; None leaves that end open."""

    least: int | datetime | None = None
    below: int | datetime | None = None

    def holds(self, value: Value) -> bool:
        """Tell whether a value is meant."""
        return not (
            (self.least is not None and value < self.least)  # type: ignore[operator]  # both are of the field's kind
            or (self.below is not None and value >= self.below)  # type: ignore[operator]
        )


class Exists(msgspec.Struct, frozen=True, tag=True):
    """There is a value, whatever it is."""

    def holds(self, _value: Value) -> bool:
        """Tell whether a value is meant."""
        return True


Test: TypeAlias = Equals | Begins | Contains | Within | Exists


class Condition(msgspec.Struct, frozen=True):
    """Some value of a field meets one of the tests; or, when negated, none does."""

    field: Field
    any_of: tuple[Test, ...]
    negated: bool = False

    def holds(self, job: Job) -> bool:
        """Tell whether the condition holds for a job."""
        values = values_of(job, self.field)
        return any(test.holds(value) for test in self.any_of for value in values) != self.negated


def values_of(job: Job, field: Field) -> Sequence[Value]:
    """Give a job's values in a field; none when it has none. An empty text is none."""
    return _VALUES[field](job)


def folded(text: str) -> str:
    """Give a text with its ASCII letters in lower case: as much as every store can do alike."""
    return text.translate(_LOWER)


def prefix_end(prefix: str) -> str | None:
    """Give the first text, in the order of code points, after all that begin with ``prefix``; None when there is none."""
    for place in range(len(prefix) - 1, -1, -1):
        following = ord(prefix[place]) + 1
        if following in _SURROGATES:
            following = _SURROGATES.stop
        if following <= _LAST:
            return prefix[:place] + chr(following)
    return None


def _words(*values: str | None) -> Sequence[Value]:
    return [value for value in values if value]


def _given(value: int | datetime | None) -> Sequence[Value]:
    return () if value is None else (value,)


#: Fields whose words are as users choose them, so that it makes sense to ask which there are.
VOCABULARIES: Final = frozenset(
    {Field.LABEL, Field.NAME, Field.OWNER, Field.CLUSTER, Field.PROTOCOL, Field.PROJECT}
)

_VALUES: Final[Mapping[Field, Callable[[Job], Sequence[Value]]]] = {
    Field.STATE: lambda job: (job.state.value,),
    Field.REASON: lambda job: _words(job.reason),
    Field.LABEL: lambda job: _words(*job.labels),
    Field.NAME: lambda job: _words(job.name),
    Field.OWNER: lambda job: _words(job.owner),
    Field.CLUSTER: lambda job: _words(job.cluster),
    Field.PROTOCOL: lambda job: _words(job.protocol),
    Field.KIND: lambda job: _words(job.kind),
    Field.PROJECT: lambda job: _words(job.project),
    Field.STATUS_TEXT: lambda job: _words(job.status_text),
    Field.TEXT: lambda job: _words(job.name, job.status_text, *job.labels),
    Field.CREATED: lambda job: _given(job.created),
    Field.QUEUED: lambda job: _given(job.queued),
    Field.STARTED: lambda job: _given(job.started),
    Field.ENDED: lambda job: _given(job.ended),
    Field.UPDATED: lambda job: _given(job.updated),
    Field.HIDDEN: lambda job: _given(job.hidden),
    Field.PARENT: lambda job: _words(job.parent),
    Field.ID: lambda job: _words(job.id),
    Field.NUMBER: lambda job: _given(job.number),
    Field.ATTEMPT: lambda job: _given(job.attempt),
    Field.EXIT_CODE: lambda job: _given(job.exit_code),
    Field.SIGNAL: lambda job: _given(job.signal),
    Field.NATIVE_ID: lambda job: _words(job.native_id),
    Field.GROUP: lambda _: (),
}
