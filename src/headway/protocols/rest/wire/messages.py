"""What callbacks are told in this protocol's words."""

from datetime import datetime
from typing import Final

import msgspec

from headway.core.model.event import Event, EventType
from headway.core.model.job import Job
from headway.core.ports.callbacks import Rendered
from headway.protocols.rest.wire.documents import Document, EventDocument, JobFacts
from headway.protocols.rest.wire.render import event_document, facts

_encode: Final = msgspec.json.Encoder().encode


class MessageData(Document, frozen=True, kw_only=True):
    """What a callback is told."""

    job: JobFacts
    event: EventDocument


class Message(Document, frozen=True, kw_only=True):
    """The body of a callback. ``data.job`` is the job as of the event."""

    type: EventType
    timestamp: datetime
    data: MessageData


def callback_words(job: Job, event: Event) -> Rendered | None:
    """Put an event into this protocol's words: each is a word of its own. See headway.core.ports.callbacks.Words."""
    message = Message(
        type=event.type,
        timestamp=event.time,
        data=MessageData(job=facts(job), event=event_document(event)),
    )
    return Rendered(
        word=str(event.seq),
        method="POST",
        content_type="application/json",
        body=_encode(message),
    )
