"""What the event loop keeps of the rows that are asked for all the time.

Only the writer changes the file, and each commit comes through ``committed`` before anybody hears of it: a value here is
never older than what was answered.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final, TypeVar

from headway.core.model.change import Alias, Change, Written
from headway.core.model.job import Job
from headway.core.model.names import JobId
from headway.core.model.principal import Token
from headway.stores.sql.lru import Lru

K = TypeVar("K")
V = TypeVar("V")

_JOBS_KEPT: Final = 12_288  # all of a group of ten thousand, and what else is going on
_ALIASES_KEPT: Final = 8_192


class Cache:
    """Jobs by id, the newest aliases, and all tokens by their hash. Belongs to the event loop's thread."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self.jobs: Lru[JobId, Job] = Lru(_JOBS_KEPT)
        self.aliases: Lru[tuple[str, str], Alias] = Lru(_ALIASES_KEPT)
        self.tokens: dict[str, Token] = {token.id: token for token in tokens}
        self._by_hash = {token.secret_hash: token.id for token in tokens}

    def token(self, secret_hash: bytes) -> Token | None:
        """Give the token with this hash."""
        token_id = self._by_hash.get(secret_hash)
        return None if token_id is None else self.tokens[token_id]

    def committed(self, pairs: Sequence[tuple[Change, Written]]) -> None:
        """Take over what a commit changed."""
        for change, written in pairs:
            for job in written.jobs:
                self.jobs.put(job.id, job)
            for alias in change.aliases:
                self._rename(alias)
            for token in change.tokens:
                self.tokens[token.id] = token
                self._by_hash[token.secret_hash] = token.id
        self.jobs.trim()
        self.aliases.trim()

    def clear(self) -> None:
        """Forget what may have been deleted."""
        self.jobs.clear()
        self.aliases.clear()

    def _rename(self, alias: Alias) -> None:
        name = (alias.namespace, alias.key)
        known = self.aliases.get(name)
        if known is None:  # there may be a newer generation in the file: the next read will tell
            self.aliases.overtake()
        elif known.generation < alias.generation:
            self.aliases.put(name, alias)


async def through(kept: Lru[K, V], key: K, load: Callable[[], Awaitable[V | None]]) -> V | None:
    """Load and keep what is not kept yet.

    What was committed while it was being loaded is in ``kept`` by then and wins; when it may have come and gone again, the
    value that was loaded is given and not kept.
    """
    changes = kept.changes
    loaded = await load()
    known = kept.get(key)
    if known is not None:
        return known
    if loaded is not None and kept.changes == changes:
        kept.put(key, loaded)
        kept.trim()
    return loaded
