"""The operation read_storage: how much the server keeps, and how much room is left."""

import msgspec

from headway.core.core import Core
from headway.core.model.principal import Principal, Scope
from headway.core.model.storage import Footprint
from headway.core.policy.access import require_user


class Storage(msgspec.Struct, frozen=True, kw_only=True):
    """What the store keeps."""

    footprint: Footprint
    jobs: int
    tokens: int


async def read_storage(core: Core, *, actor: Principal) -> Storage:
    """Read the store's sizes. For admins: they tell what everybody does, and what the machine has left.

    Raises:
        Unauthenticated: nobody knows who asks.
        Forbidden: the actor is no admin.
    """
    require_user(actor, Scope.ADMIN)
    return Storage(
        footprint=await core.store.footprint(),
        jobs=sum((await core.store.counts()).values()),
        tokens=len(await core.store.tokens()),
    )
