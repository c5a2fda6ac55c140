"""Why a job is where it is, for its owner: a headline, what else is known, and what to do next. Pure."""

from typing import Final

import msgspec

from headway.core.model.state import Reason, State
from headway.views.advice import advice_of
from headway.views.circumstances import circumstances
from headway.views.headlines import headline_of
from headway.views.scheduler_hints import hint_of
from headway.views.standing import Known

_WAITS: Final = frozenset({State.ACCEPTED, State.QUEUED})


class Words(msgspec.Struct, frozen=True, kw_only=True):
    """Why a job is where it is.

    Attributes:
        headline: one sentence.
        words: further ones, the most telling first.
        advice: what to do next; None when there is nothing.
    """

    headline: str
    words: tuple[str, ...]
    advice: str | None


def why_words(known: Known) -> Words:
    """Say why a job is where it is."""
    hint = hint_of(known.kind, known.said) if known.job.state in _WAITS else None
    if known.job.reason is Reason.HELD and hint is not None and not hint.is_grave:
        hint = None  # what it waited for before it was held, or would after
    return Words(
        headline=headline_of(known, hint),
        words=tuple(circumstances(known, hint)),
        advice=advice_of(known, hint),
    )
