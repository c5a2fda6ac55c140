"""The data of docs/reference/shape/*.toml as values."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from headway.core.model.state import Reason, State

ROOT: Final = Path(__file__).resolve().parent.parent
DATA: Final = ROOT / "docs" / "reference" / "shape"

#: The protocols in the order of the page; each has a file of its name.
DOORS: Final = (
    "rest",
    "progress",
    "joblauncher",
    "moi",
    "arp",
    "arp-current",
    "jobs-database",
    "wps-t",
    "processes",
)

T = TypeVar("T")


class Row(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"with_": "with"}
):
    """One request and the operation that it becomes.

    Attributes:
        lines: keys of the door's ``lines``: where this is asked for.
        operation: a core operation, or ``none`` where nothing of a job is asked, ``because`` of what is said there.
        with_: argument of the operation -> where it comes from. ``actor`` and ``protocol`` go without saying.
        also: other operations that the route calls beside it.
        uses: fields and ports that stand. needs: those that are to be added.
    """

    request: str
    operation: str
    answer: str
    lines: list[str] = msgspec.field(default_factory=list)
    with_: dict[str, str] = msgspec.field(default_factory=dict)
    also: list[str] = msgspec.field(default_factory=list)
    because: str = ""
    uses: list[str] = msgspec.field(default_factory=list)
    needs: list[str] = msgspec.field(default_factory=list)


class Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A word for some (state, reason) pairs. No ``reason`` is any; ``none`` is the state without one.

    ``cancel`` rules speak only of jobs whose end was asked for.
    """

    state: list[State]
    word: str
    reason: list[str] = msgspec.field(default_factory=list)
    cancel: bool = False
    extra: dict[str, str] = msgspec.field(default_factory=dict)

    def fits(self, state: State, reason: Reason | None, *, cancel: bool) -> bool:
        """Tell whether the rule speaks of this pair."""
        named = not self.reason or (str(reason) if reason else "none") in self.reason
        return state in self.state and named and (cancel or not self.cancel)


class Words(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A protocol's words for a job's state: the first rule that fits wins.

    Attributes:
        text_while: in these states the job's own status text stands in the word's place.
        never: words of the vocabulary that no rule gives, and why.
        wire: the constant of the protocol's wire that holds the same, pair -> word, once the protocol stands.
    """

    name: str
    title: str
    vocabulary: list[str]
    rule: list[Rule]
    columns: list[str] = msgspec.field(default_factory=list)
    text_while: list[State] = msgspec.field(default_factory=list)
    never: dict[str, str] = msgspec.field(default_factory=dict)
    wire: str = ""

    def find(self, state: State, reason: Reason | None, *, cancel: bool = False) -> Rule | None:
        """Give the rule for a pair; None when there is none."""
        fitting = (rule for rule in self.rule if rule.fits(state, reason, cancel=cancel))
        return next(fitting, None)


class Out(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something that goes out: a callback, a message, a document, an environment."""

    what: str
    when: str
    events: list[str]
    body: str
    lines: list[str] = msgspec.field(default_factory=list)
    planned_events: list[str] = msgspec.field(default_factory=list)
    uses: list[str] = msgspec.field(default_factory=list)
    needs: list[str] = msgspec.field(default_factory=list)


class Door(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One protocol: what is asked of it, in its own document's lines (ours has none), and what it says."""

    door: str
    title: str
    about: str
    row: list[Row]
    words: list[Words]
    out: list[Out]
    lines: dict[str, str] = msgspec.field(default_factory=dict)


class Operation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A core operation. One with a ``module`` is planned: it is not in the code yet."""

    does: str
    module: str = ""
    arguments: list[str] = msgspec.field(default_factory=list)
    optional: list[str] = msgspec.field(default_factory=list)
    uses: list[str] = msgspec.field(default_factory=list)
    adds: list[str] = msgspec.field(default_factory=list)

    @property
    def planned(self) -> bool:
        """Tell whether it is still to be added."""
        return bool(self.module)


class Native(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A native word and what it becomes."""

    native: str
    state: State
    reason: Reason | None = None
    when: str = ""


class System(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A scheduler or service whose words come in."""

    name: str
    word: list[Native]


class Misfit(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A row that did not fit at first sight, and what was decided."""

    title: str
    kind: str
    doors: list[str]
    what: str
    how: str
    uses: list[str] = msgspec.field(default_factory=list)
    needs: list[str] = msgspec.field(default_factory=list)


class EventRow(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An event type. ``by`` names the core modules that write it; none yet when empty."""

    type: str
    by: list[str]
    when: str
    data: str
    readers: str


class Meanings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What states and reasons mean, in a few words."""

    states: dict[State, str]
    reasons: dict[Reason, str]


class Shape(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All of the data."""

    doors: list[Door]
    operations: dict[str, Operation]
    systems: list[System]
    misfits: list[Misfit]
    events: list[EventRow]
    meanings: Meanings

    def rows(self) -> Iterator[tuple[Door, Row]]:
        """Give every row with its door."""
        return ((door, row) for door in self.doors for row in door.row)

    def vocabularies(self) -> Iterator[tuple[Door, Words]]:
        """Give every vocabulary with its door."""
        return ((door, words) for door in self.doors for words in door.words)


def _read(name: str, kind: type[T]) -> T:
    return msgspec.convert(tomllib.loads((DATA / f"{name}.toml").read_text("utf-8")), kind)


def load() -> Shape:
    """Read the data.

    Raises:
        msgspec.ValidationError: a key that is not known, a state or reason that the model does not have.
    """
    return Shape(
        doors=[_read(name, Door) for name in DOORS],
        operations=_read("operations", dict[str, Operation]),
        systems=_read("schedulers", dict[str, list[System]])["system"],
        misfits=_read("misfits", dict[str, list[Misfit]])["misfit"],
        events=_read("events", dict[str, list[EventRow]])["event"],
        meanings=_read("states", Meanings),
    )
