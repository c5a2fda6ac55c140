"""How others are called: what is said, and who says it."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol, TypeAlias

import msgspec

from headway.core.model.event import Event
from headway.core.model.job import Job


class Rendered(msgspec.Struct, frozen=True, kw_only=True):
    """What a protocol says of a job and an event.

    Attributes:
        word: what it comes to: it is not said when the callback was told the same word last.
        method: of the HTTP request.
    """

    word: str
    method: str
    content_type: str
    body: bytes


#: Puts an event into a protocol's words; the job is as of that event, without its spec, inputs, outputs, result and extra. None
#: when there is nothing to say.
Words: TypeAlias = Callable[[Job, Event], Rendered | None]


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a call. ``status`` is None without an answer; ``detail`` says why, or how the answer began."""

    status: int | None
    detail: str
    took_s: float


class Sender(Protocol):
    """Makes calls, only to where calls may go, each within a limit of time and of memory."""

    def check(self, url: str, *, field: str) -> None:
        """Check what can be known of an address without asking anybody.

        Raises:
            InvalidRequest: it is none, or calls there are refused.
        """
        ...

    async def send(
        self, url: str, rendered: Rendered, *, message_id: str, at: datetime, secret: str
    ) -> Answer:
        """Make one call. Redirects are not followed; nothing is raised for what a receiver does.

        Args:
            url: where to.
            rendered: what is said.
            message_id: the same each time the same thing is said, so that receivers can tell.
            at: the time of the call, for signatures.
            secret: what it is signed with over its body; "" for not.
        """
        ...
