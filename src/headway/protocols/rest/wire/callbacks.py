"""Callbacks as callers ask for them."""

from collections.abc import Sequence
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from headway.core.errors import InvalidRequest
from headway.core.model.callback import Callback, check_url
from headway.core.model.event import EventType
from headway.lib.webhooks import key_of
from headway.protocols.rest.wire.body import Body
from headway.protocols.rest.wire.words import Url

WORDS: Final = "rest"  #: in which these callbacks are told: this protocol's

#: What a callback may ask for by name.
Told = Literal[
    "job.accepted",
    "job.queued",
    "job.running",
    "job.succeeded",
    "job.failed",
    "job.cancelled",
    "job.corrected",
    "job.reopened",
    "job.superseded",
    "job.requeued",
    "job.cancel_requested",
    "job.reason",
    "job.status",
    "job.labels",
    "job.result",
    "job.native",
    "job.hidden",
]


class CallbackBody(Body, frozen=True, kw_only=True):
    """An address that is told of a job's events by POST, each at least once and in their order."""

    url: Url
    events: Annotated[
        list[Told],
        Meta(max_length=17, description="Which events; without any, those that change the state."),
    ] = msgspec.field(default_factory=list)
    secret: (
        Annotated[
            str,
            Meta(
                min_length=1,
                max_length=200,
                description="`whsec_` and 24 to 64 random bytes in base64: calls are signed with it (Standard Webhooks)."
                " Never shown again.",
            ),
        ]
        | None
    ) = None


def check_callbacks(callbacks: Sequence[CallbackBody]) -> None:
    """Check what the types of callbacks do not.

    Raises:
        InvalidRequest: what is wrong, with the field's name; it does not repeat a secret.
    """
    for place, callback in enumerate(callbacks):
        check_url(callback.url, field=f"callbacks[{place}].url")
        if callback.secret is not None:
            try:
                key_of(callback.secret)
            except ValueError as error:
                raise InvalidRequest(
                    f"callbacks[{place}].secret: {error}", field=f"callbacks[{place}].secret"
                ) from None


def callback_of(body: CallbackBody) -> Callback:
    """Give a callback as the core has it."""
    return Callback(
        url=body.url,
        words=WORDS,
        secret=body.secret or "",
        events=tuple(dict.fromkeys(EventType(kind) for kind in body.events)),
    )
