"""The pictures of /progress/render: drawn once for all who look within the same second."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final, TypeAlias

from headway.core.core import Core
from headway.core.model.job import Job
from headway.core.operations.find import tally_of
from headway.protocols.progress.wire import Show
from headway.views.bars import picture_of
from headway.views.looks import Style
from headway.views.message import message_picture
from headway.views.palette import Theme
from headway.views.picture import Picture
from headway.views.png import png
from headway.views.svg import svg

_KEPT_FOR: Final = timedelta(seconds=1)
_KEPT: Final = 64
_MOST_WORKERS: Final = 20_000

_Key: TypeAlias = tuple[str, bool, str, str, int, int | None]


class Pictures:
    """Draws, in a thread; a picture that is less than a second old is not drawn again."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._drawn: dict[_Key, tuple[datetime, bytes]] = {}

    async def of_job(self, job: Job, show: Show, *, vector: bool) -> bytes:
        """Draw a job's bars as SVG (``vector``) or PNG."""
        key = (job.id, vector, show.style, show.theme, show.scale, show.width)
        now = self._core.clock.now()
        kept = self._drawn.get(key)
        if kept is not None and timedelta(0) <= now - kept[0] < _KEPT_FOR:
            return kept[1]
        workers = await self._core.store.workers(job.id, limit=_MOST_WORKERS)
        tally = await tally_of(self._core, job_id=job.id)
        floor_s = self._core.settings.stalled_floor_s

        def draw() -> Picture:
            return picture_of(
                job,
                workers,
                tally,
                at=now,
                style=Style(show.style),
                theme=Theme(show.theme),
                width=show.width,
                stalled_floor_s=floor_s,
            )

        drawn = await asyncio.to_thread(_bytes, draw, show.scale, vector=vector)
        if len(self._drawn) >= _KEPT:
            del self._drawn[next(iter(self._drawn))]
        self._drawn[key] = (now, drawn)
        return drawn

    async def of_words(self, title: str, words: str, show: Show, *, vector: bool) -> bytes:
        """Draw a message, so that a page with a picture of a job that is not there shows why."""

        def draw() -> Picture:
            theme = Theme(show.theme)
            if show.width is None:
                return message_picture(title, words, theme=theme)
            return message_picture(title, words, theme=theme, width=show.width)

        return await asyncio.to_thread(_bytes, draw, show.scale, vector=vector)


def _bytes(draw: Callable[[], Picture], scale: int, *, vector: bool) -> bytes:
    picture = draw()
    return svg(picture).encode() if vector else png(picture, scale=scale)
