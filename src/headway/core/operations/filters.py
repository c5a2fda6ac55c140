"""The operations on saved filters: each user has their own."""

from typing import Final

from headway.core.core import Core
from headway.core.errors import Forbidden, InvalidRequest, NotFound
from headway.core.model.change import Change
from headway.core.model.principal import Principal, Scope
from headway.core.model.saved_filter import SavedFilter
from headway.core.policy.access import require
from headway.core.query.meaning import parse

MOST_FILTERS: Final = 200  #: of one user
LONGEST_NAME: Final = 64


async def list_filters(core: Core, *, actor: Principal) -> list[SavedFilter]:
    """Read the actor's filters in the order of their names.

    Raises:
        Forbidden: the actor may not read, or is nobody in particular.
    """
    return await core.store.filters(_user(actor))


async def save_filter(core: Core, *, actor: Principal, name: str, q: str) -> SavedFilter:
    """Keep a query under a name, in place of what had that name. Durable on return.

    Raises:
        InvalidRequest: the name cannot be one, the query cannot be understood, or there are too many filters.
        Forbidden: the actor may not read, or is nobody in particular.
        StorageFull: no space; nothing was stored.
    """
    user = _user(actor)
    if not (1 <= len(name) <= LONGEST_NAME and name.isprintable() and name == name.strip()):
        raise InvalidRequest(
            f"the name of a filter must be 1 to {LONGEST_NAME} printable characters"
            " without blanks at its ends",
            field="name",
        )
    now = core.clock.now()
    parse(q, at=now)
    known = {saved.name: saved for saved in await core.store.filters(user)}
    if name not in known and len(known) >= MOST_FILTERS:
        raise InvalidRequest(
            f"you have {MOST_FILTERS} filters, which is the most; delete one first", field="name"
        )
    created = known[name].created if name in known else now
    saved = SavedFilter(user=user, name=name, q=q, created=created)
    await core.store.write(Change(filters=(saved,)))
    return saved


async def delete_filter(core: Core, *, actor: Principal, name: str) -> None:
    """Forget a filter. Durable on return.

    Raises:
        NotFound: the actor has none of that name.
        Forbidden: the actor may not read, or is nobody in particular.
        StorageFull: no space; the filter is still there.
    """
    user = _user(actor)
    if name not in {saved.name for saved in await core.store.filters(user)}:
        raise NotFound(f"you have no filter called {name!r}")
    await core.store.write(Change(dropped_filters=((user, name),)))


def _user(actor: Principal) -> str:
    require(actor, Scope.READ)
    if not actor.name or actor.job is not None:
        raise Forbidden("filters belong to a user; this is not one")
    return actor.name
