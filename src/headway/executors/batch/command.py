"""A command of a scheduler, and what came of it."""

from collections.abc import Mapping
from typing import Final

import msgspec

_SHOWN_CHARACTERS: Final = 500


class Command(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be run: argv, never a shell line.

    Attributes:
        argv: the program's name (see ``Programs``) and its arguments; none holds a NUL.
        stdin: what it reads.
        environment: variables beside those that every command of the cluster has.
        limit_s: how long it may take; None for as long as the cluster's commands may.
        without: variables that it must not have, whoever set them: ``SQUEUE_PARTITION`` would hide jobs, even when empty.
    """

    argv: tuple[str, ...]
    stdin: bytes = b""
    environment: Mapping[str, str] = msgspec.field(default_factory=dict)
    limit_s: float | None = None
    without: frozenset[str] = frozenset()


class Output(msgspec.Struct, frozen=True, kw_only=True):
    """What a command printed, and its exit code; 128 + n when the signal n ended it."""

    stdout: bytes = b""
    stderr: bytes = b""
    exit_code: int = 0

    @property
    def text(self) -> str:
        """The standard output as text; bytes that are no UTF-8 are replaced."""
        return self.stdout.decode("utf-8", "replace")

    @property
    def complaint(self) -> str:
        """What it said went wrong, short and in one line, fit to show to a user."""
        said = (self.stderr.strip() or self.stdout.strip()).decode("utf-8", "replace")
        line = " ".join("".join(c if c.isprintable() else " " for c in said).split())
        return line[:_SHOWN_CHARACTERS] or f"exit code {self.exit_code} and no words"
