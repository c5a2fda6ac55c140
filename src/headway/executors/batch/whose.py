"""Whose jobs a listing has: some schedulers list everybody's, and anybody can put marks like ours on their own."""

from collections.abc import Sequence
from typing import Final

from headway.core.errors import ExecutorUnavailable
from headway.executors.batch.command import Command, Output
from headway.executors.batch.dialect import Dialect
from headway.executors.batch.native import NativeJob
from headway.executors.batch.transport import Transport

#: Has the account's name told as whom everything is done, here or on the login node.
ASKING: Final = Command(argv=("id", "-un"))


def lists_everybody(dialect: Dialect) -> bool:
    """Tell whether a dialect's listing has other users' jobs too. Such a dialect has ``lists_everybody``, true."""
    return bool(getattr(dialect, "lists_everybody", False))


class Whose:
    """Leaves out jobs of others; of schedulers that list one user's only, nothing."""

    def __init__(self, dialect: Dialect) -> None:
        self._is_needed = lists_everybody(dialect)
        self._account = ""

    async def learn(self, transport: Transport) -> None:
        """Learn as whom jobs are submitted, where that is needed.

        Raises:
            ExecutorUnavailable: not now.
        """
        if self._is_needed:
            self._account = _read(await transport.run(ASKING))

    def own(self, rows: Sequence[NativeJob]) -> Sequence[NativeJob]:
        """Give the rows that are this account's, or of which nobody says whose they are."""
        if not self._is_needed:
            return rows
        return [row for row in rows if row.owner in {"", self._account}]


def _read(output: Output) -> str:
    name = output.text.strip()
    if output.exit_code or not name.isprintable() or not name:
        raise ExecutorUnavailable(
            f"it cannot be told whose jobs are ours: id -un said {output.complaint}"
        )
    return name
