"""A sender whose receivers answer what a test chooses."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Final, NamedTuple, TypeAlias

from headway.core.model.callback import check_url
from headway.core.model.event import Event
from headway.core.model.job import Job
from headway.core.ports.callbacks import Answer, Rendered

TAKEN: Final = Answer(status=204, detail="", took_s=0.01)
BUSY: Final = Answer(status=503, detail="busy", took_s=0.01)
SILENT: Final = Answer(status=None, detail="no whole answer in 10 s", took_s=10.0)


class Told(NamedTuple):
    """A call as a receiver got it."""

    url: str
    word: str
    message_id: str
    at: datetime


Answers: TypeAlias = Callable[[Told], Awaitable[Answer]]


async def takes(_told: Told) -> Answer:
    """Acknowledge."""
    return TAKEN


class FakeSender:
    """Calls nobody; see Sender.

    Attributes:
        answers: what comes of a call.
        told: all calls, in their order.
    """

    def __init__(self, answers: Answers = takes) -> None:
        self.answers = answers
        self.told: list[Told] = []

    def check(self, url: str, *, field: str) -> None:
        """Check that it is an address; see Sender."""
        check_url(url, field=field)

    async def send(
        self,
        url: str,
        rendered: Rendered,
        *,
        message_id: str,
        at: datetime,
        secret: str,  # noqa: ARG002
    ) -> Answer:
        """Note a call and answer it; see Sender."""
        told = Told(url, rendered.word, message_id, at)
        self.told.append(told)
        return await self.answers(told)


def says_state(job: Job, _event: Event) -> Rendered | None:
    """Say a job's state, and nothing of one that is accepted: words for callbacks."""
    if job.state == "accepted":
        return None
    body = job.state.encode()
    return Rendered(word=job.state, method="PUT", content_type="text/plain", body=body)


def says_event(_job: Job, event: Event) -> Rendered | None:
    """Say each event, by its type: words for callbacks."""
    body = event.type.encode()
    return Rendered(
        word=f"{event.seq} {event.type}", method="POST", content_type="text/plain", body=body
    )
