"""What callbacks were told and what they still have to be: looked at, had again, given up."""

from collections.abc import Callable
from collections.abc import Set as AbstractSet
from typing import Final

from headway.core.core import Core
from headway.core.errors import Conflict, NotFound
from headway.core.model.change import Change
from headway.core.model.delivery import Delivery, DeliveryState
from headway.core.model.event import Event, EventType
from headway.core.model.names import JobId, Seq
from headway.core.model.principal import Principal, Scope
from headway.core.operations.find import find_one
from headway.core.policy.access import require, require_user, visibility_of

_ROUNDS: Final = 5


async def find_deliveries(
    core: Core,
    *,
    actor: Principal,
    job_id: JobId | None,
    states: AbstractSet[DeliveryState],
    limit: int,
    before: tuple[Seq, int] | None = None,
) -> list[Delivery]:
    """Read deliveries, the newest event first: those of one job, or of all that the actor may see.

    Raises:
        NotFound: no job that the actor may see has that id.
        Unauthenticated, Forbidden: the actor is no user, or may not read.
    """
    require_user(actor, Scope.READ)
    if job_id is not None:
        await find_one(core, actor=actor, ref=job_id)
    return await core.store.deliveries(
        visibility_of(actor), job=job_id, states=states, limit=limit, before=before
    )


async def find_delivery(core: Core, *, actor: Principal, seq: Seq, place: int) -> Delivery:
    """Read one delivery.

    Raises:
        NotFound: that event has no callback of that place, or the actor may not see the job.
        Unauthenticated, Forbidden: the actor is no user, or may not read.
    """
    return await _of_actor(core, actor, Scope.READ, seq, place)


async def replay(core: Core, *, actor: Principal, protocol: str, seq: Seq, place: int) -> Delivery:
    """Have a callback told an event now, whatever came of it before; tried anew for the whole time. Durable on return.

    Raises:
        NotFound: that event has no callback of that place, or the actor may not see the job.
        Forbidden: the actor may not run jobs.
        Conflict: it was changed again and again meanwhile.
        StorageFull: no space; nothing was changed.
    """
    now = core.clock.now()

    def again(delivery: Delivery) -> Delivery:
        return delivery.changed(
            state=DeliveryState.WAITING, since=now, due=now, replays=delivery.replays + 1
        )

    return await _change(core, actor, protocol, (seq, place), again, EventType.CALLBACK_REPLAYED)


async def drop(core: Core, *, actor: Principal, protocol: str, seq: Seq, place: int) -> Delivery:
    """Give up telling a callback an event; one that was told, or is given up, stays as it is. Durable on return.

    A call that is being made is not cut off. What waits behind it goes on.

    Raises:
        NotFound, Forbidden, Conflict, StorageFull: as ``replay``.
    """

    def without(delivery: Delivery) -> Delivery:
        if delivery.state not in {DeliveryState.WAITING, DeliveryState.DEAD}:
            return delivery
        return delivery.changed(state=DeliveryState.DROPPED)

    return await _change(core, actor, protocol, (seq, place), without, EventType.CALLBACK_DROPPED)


async def _change(
    core: Core,
    actor: Principal,
    protocol: str,
    key: tuple[Seq, int],
    change: Callable[[Delivery], Delivery],
    kind: EventType,
) -> Delivery:
    for _ in range(_ROUNDS):
        delivery = await _of_actor(core, actor, Scope.RUN, *key)
        after = change(delivery)
        if after is delivery:
            return delivery
        event = Event(
            job=delivery.job,
            time=core.clock.now(),
            type=kind,
            actor=actor.name,
            protocol=protocol,
            data={"event": delivery.seq, "callback": delivery.place},
        )
        try:
            await core.store.write(Change(deliveries=(after,), events=(event,)))
        except Conflict:  # a call's answer was stored meanwhile
            continue
        return after
    raise Conflict(f"callback {key[1]} of event {key[0]} is being changed all the time; try again")


async def _of_actor(core: Core, actor: Principal, scope: Scope, seq: Seq, place: int) -> Delivery:
    """Read a delivery of a job on which the actor may use a scope; who lacks it learns of no delivery that there is one."""
    require_user(actor, scope)
    delivery = await core.store.delivery(seq, place)
    try:
        require(actor, scope, await core.store.job(delivery.job))
    except NotFound:
        raise NotFound(f"event {seq} has no callback {place}") from None
    return delivery
