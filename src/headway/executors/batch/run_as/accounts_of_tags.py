"""Which attempt was handed over as which account: a file that outlives the server, written before anything is submitted."""

import os
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Final

from headway.core.errors import ExecutorUnavailable
from headway.core.model.names import Tag
from headway.executors.batch.records import bases_of
from headway.executors.batch.threads import Threads

_NAME: Final = "accounts"
_GONE: Final = "-"


class AccountsOfTags:
    """Remembers accounts. Each line of its file is a tag and an account, or ``-`` once the attempt is forgotten.

    Args:
        directory: where the file is; private to the server, and of this cluster alone.
    """

    def __init__(self, directory: Path) -> None:
        self._path = directory / _NAME
        self._known: dict[Tag, str] = {}
        self._has_read = False
        self._threads = Threads(1, name="headway-accounts-of-tags")

    async def start(self) -> None:
        """Read what was written before.

        Raises:
            ExecutorUnavailable: it cannot be read.
        """
        if self._has_read:
            return
        try:
            self._known = await self._threads.run(self._read)
        except OSError as error:
            raise ExecutorUnavailable(f"{self._path} cannot be read: {error.strerror}") from error
        self._has_read = True

    def of(self, tag: Tag) -> str | None:
        """Give the account of an attempt; of one that the scheduler itself made, that of the attempt before it."""
        return next((own for base in bases_of(tag) if (own := self._known.get(base))), None)

    async def write(self, accounts: Mapping[Tag, str]) -> None:
        """Remember attempts' accounts; durable on return.

        Raises:
            ExecutorUnavailable: they may not have been written.
        """
        await self._append(f"{tag} {account}\n" for tag, account in accounts.items())
        self._known |= accounts

    async def forget(self, tags: Collection[Tag]) -> None:
        """Remember these attempts no more."""
        known = [tag for tag in tags if self._known.pop(tag, None) is not None]
        await self._append(f"{tag} {_GONE}\n" for tag in known)

    async def _append(self, lines: Iterable[str]) -> None:
        text = "".join(lines)
        if not text:
            return
        try:
            await self._threads.run(lambda: self._write(text))
        except OSError as error:
            raise ExecutorUnavailable(
                f"{self._path} cannot be written: {error.strerror}"
            ) from error

    def _write(self, text: str) -> None:
        with self._path.open("ab") as file:
            # A line that was cut by a crash stays alone.
            file.write(b"\n" + text.encode())
            file.flush()
            os.fsync(file.fileno())

    def _read(self) -> dict[Tag, str]:
        """Read all, and write anew what is left of it."""
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            raw = self._path.read_bytes()
        except FileNotFoundError:
            raw = b""
        known: dict[Tag, str] = {}
        for line in raw.decode("utf-8", "replace").splitlines(keepends=True):
            words = line.split()
            if len(words) != 2 or not line.endswith("\n"):  # noqa: PLR2004 -- a tag and an account
                continue
            if words[1] == _GONE:
                known.pop(Tag(words[0]), None)
            else:
                known[Tag(words[0])] = words[1]
        draft = self._path.with_suffix(".new")
        with draft.open("wb") as file:
            file.write("".join(f"{tag} {account}\n" for tag, account in known.items()).encode())
            file.flush()
            os.fsync(file.fileno())
        draft.rename(self._path)
        directory = os.open(self._path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)
        return known

    def close(self) -> None:
        """Let the thread go."""
        self._threads.close()
