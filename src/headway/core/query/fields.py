"""Which fields a query may name, and what each takes."""

import re
from collections.abc import Mapping, Sequence
from enum import Enum, auto
from typing import Final

import msgspec

from headway.core.model.condition import Field
from headway.core.model.job import Kind
from headway.core.model.state import FINAL, Reason, State

#: One word for several states.
STATE_GROUPS: Final[Mapping[str, Sequence[str]]] = {
    "active": [state.value for state in State if state not in FINAL],
    "waiting": [State.ACCEPTED.value, State.QUEUED.value],
    "ended": [state.value for state in State if state in FINAL],
}


class Takes(Enum):
    """What a field's values are."""

    WORDS = auto()  #: exactly this text, or what it begins with: ``cal*``
    CHOICES = auto()  #: one of a closed list
    TEXT = auto()  #: characters somewhere in a text
    TIMES = auto()
    NUMBERS = auto()
    JOB = auto()  #: a UUID or a number
    FLAG = auto()  #: true or false
    GROUP = auto()  #: an id, a name or a path


class Asked(msgspec.Struct, frozen=True):
    """One field as a query names it.

    Attributes:
        choices: the closed list, if there is one: what is typed, and the values it stands for.
        summary: for help texts.
    """

    name: str
    field: Field
    takes: Takes
    summary: str
    choices: Mapping[str, Sequence[str]] = {}


def _each(words: Sequence[str]) -> Mapping[str, Sequence[str]]:
    return {word: (word,) for word in words}


_STATES: Final = {**_each([state.value for state in State]), **STATE_GROUPS}
_REASONS: Final = _each([reason.value for reason in Reason])
_KINDS: Final = _each([kind.value for kind in Kind])

#: In the order in which help shows them.
FIELDS: Final[Mapping[str, Asked]] = {
    asked.name: asked
    for asked in (
        Asked(
            "state",
            Field.STATE,
            Takes.CHOICES,
            "accepted, queued, running, succeeded, failed, cancelled; or active, waiting, ended",
            _STATES,
        ),
        Asked("reason", Field.REASON, Takes.CHOICES, "why it is in that state", _REASONS),
        Asked("label", Field.LABEL, Takes.WORDS, "a label it has"),
        Asked("group", Field.GROUP, Takes.GROUP, "a group of yours that it is somewhere in"),
        Asked("name", Field.NAME, Takes.WORDS, "its whole name"),
        Asked("text", Field.TEXT, Takes.TEXT, "somewhere in its name, status text or a label"),
        Asked("status_text", Field.STATUS_TEXT, Takes.TEXT, "somewhere in its status text"),
        Asked("owner", Field.OWNER, Takes.WORDS, "whose it is"),
        Asked("cluster", Field.CLUSTER, Takes.WORDS, "where it runs"),
        Asked("project", Field.PROJECT, Takes.WORDS, "what it belongs to"),
        Asked("protocol", Field.PROTOCOL, Takes.WORDS, "by which door it came"),
        Asked("kind", Field.KIND, Takes.CHOICES, ", ".join(_KINDS), _KINDS),
        Asked("created", Field.CREATED, Takes.TIMES, "when it was made"),
        Asked("queued", Field.QUEUED, Takes.TIMES, "when an executor took it"),
        Asked("started", Field.STARTED, Takes.TIMES, "when it began to run"),
        Asked("ended", Field.ENDED, Takes.TIMES, "when it ended"),
        Asked("updated", Field.UPDATED, Takes.TIMES, "when its document changed last"),
        Asked("since", Field.CREATED, Takes.TIMES, "the same as created:>="),
        Asked("exit_code", Field.EXIT_CODE, Takes.NUMBERS, "with what it exited"),
        Asked("signal", Field.SIGNAL, Takes.NUMBERS, "which signal ended it"),
        Asked("attempt", Field.ATTEMPT, Takes.NUMBERS, "how often it was tried"),
        Asked("number", Field.NUMBER, Takes.NUMBERS, "its short number"),
        Asked("id", Field.ID, Takes.JOB, "its UUID"),
        Asked("native_id", Field.NATIVE_ID, Takes.WORDS, "what its executor calls it"),
        Asked("parent", Field.PARENT, Takes.JOB, "the job that it is an element or a part of"),
        Asked("hidden", Field.HIDDEN, Takes.FLAG, "true or false"),
    )
}

#: Other words for fields.
SYNONYMS: Final[Mapping[str, str]] = {"labels": "label"}

UUID: Final = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", re.ASCII)
NUMBER: Final = re.compile(r"[1-9][0-9]{0,17}", re.ASCII)
INTEGER: Final = re.compile(r"-?[0-9]{1,18}", re.ASCII)


def field_called(name: str) -> Asked | None:
    """Find the field that a query names."""
    name = name.lower()
    return FIELDS.get(SYNONYMS.get(name, name))
