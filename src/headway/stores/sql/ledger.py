"""The numbers that must never go back, kept in one row beside what they count."""

from dataclasses import dataclass, field
from typing import Final, Self

from headway.core.model.state import State
from headway.stores.sql.database import Database
from headway.stores.sql.job_rows import Value

_STATES: Final = tuple(state.value for state in State)
_NAMES: Final = ("seq", "number", "floor", *_STATES)
_SELECT: Final = f"SELECT {', '.join(_NAMES)} FROM ledger WHERE id = 1"  # noqa: S608 -- our own names
_UPDATE: Final = f"UPDATE ledger SET {', '.join(f'{name} = ?' for name in _NAMES)} WHERE id = 1"  # noqa: S608


@dataclass
class Ledger:
    """The last sequence and job number given, and how many jobs are in each state.

    Attributes:
        floor: what changed up to this sequence cannot be told any more, because rows were deleted.
    """

    seq: int = 0
    number: int = 0
    floor: int = 0
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_STATES, 0))

    @classmethod
    def read(cls, database: Database) -> Self:
        """Read the stored ledger."""
        seq, number, floor, *counts = database.execute(_SELECT).fetchone()
        return cls(seq, number, floor, dict(zip(_STATES, counts, strict=True)))

    def copy(self) -> Self:
        """Give a copy that does not change with this one."""
        return type(self)(self.seq, self.number, self.floor, dict(self.counts))

    def write(self, database: Database) -> None:
        """Store the ledger."""
        values: tuple[Value, ...] = (self.seq, self.number, self.floor, *self.counts.values())
        database.execute(_UPDATE, values)
