"""What is sent to ``status_callback_url``: the status object alone, whenever it says something else than before."""

from typing import Final

import msgspec

from headway.core.model.event import Event
from headway.core.model.job import Job
from headway.core.ports.callbacks import Rendered
from headway.protocols.joblauncher.wire.status import INITIAL, Status, status_of

_METHOD: Final = "PUT"
_CONTENT_TYPE: Final = "application/json; charset=UTF-8"


def callback_words(job: Job, event: Event) -> Rendered | None:  # noqa: ARG001 -- see Words
    """Tell a job's status; nothing of one that is still INITIAL, of which no client was ever told."""
    status = status_of(job)
    if status.state == INITIAL:
        return None
    return Rendered(
        word=_word(status),
        method=_METHOD,
        content_type=_CONTENT_TYPE,
        body=msgspec.json.encode(status),
    )


def _word(status: Status) -> str:
    """Name the status so that two that clients would judge differently differ, also of ended jobs that are corrected."""
    return f"{status.state} {status.exit_code}" if status.exit_code else status.state
