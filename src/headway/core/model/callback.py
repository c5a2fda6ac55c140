"""Who is told of a job's changes by HTTP: asked for with the job, kept with it."""

import msgspec

from headway.core.model.event import EventType


class Callback(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An address that is called when a job's state changes, at least once for each change, in their order.

    Attributes:
        url: http or https, absolute.
        words: the protocol in whose words the call is made; it says the method and the body too.
        secret: what the call is signed with where the protocol's calls are signed over the body; "" for unsigned ones.
            Never shown again.
        events: the types that are told of; empty for every change of state.
    """

    url: str
    words: str
    secret: str = ""
    events: tuple[EventType, ...] = ()
