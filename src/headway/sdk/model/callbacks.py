"""What callbacks were told."""

from datetime import datetime

import msgspec


class Try(msgspec.Struct, frozen=True, kw_only=True):
    """One call. ``status`` is None when there was no answer; ``detail`` says why, or how the answer began."""

    at: datetime
    status: int | None = None
    detail: str = ""
    took_s: float = 0.0


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """An event, and whether one of its job's callbacks was told of it.

    Attributes:
        event: the event's sequence; with ``callback`` it names the delivery.
        callback: the place in the job's ``callbacks``.
        type: the event's.
        origin: scheme, host and port of the callback's address.
        state: ``waiting``, ``delivered``, ``silent``, ``dead`` or ``dropped``.
        due: when the next call is made, if it waits.
        tries: the calls, oldest first; of many, the last ones.
        tried: how many calls there were.
    """

    event: int
    callback: int
    job: str
    type: str = ""
    time: datetime | None = None
    origin: str = ""
    state: str = ""
    due: datetime | None = None
    tries: tuple[Try, ...] = ()
    tried: int = 0
    replays: int = 0


class DeliveryPage(msgspec.Struct, frozen=True, kw_only=True):
    """Some deliveries, and the cursor of the next page; None on the last."""

    deliveries: tuple[Delivery, ...]
    next: str | None = None
