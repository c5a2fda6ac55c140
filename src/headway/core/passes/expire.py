"""The pass expire: forgets what retention no longer keeps, a little at a time."""

from typing import Final

from headway.core.core import Core

_AT_ONCE: Final = 1000


async def expire(core: Core) -> int:
    """Delete what is too old, in small transactions so that others are not held up; gives how many rows went.

    Raises:
        StorageFull: no space to note a deletion; what went before stays gone.
    """
    gone = 0
    while True:
        went = await core.store.forget(core.settings.retention, at=core.clock.now(), limit=_AT_ONCE)
        gone += went
        if went < _AT_ONCE:
            return gone
