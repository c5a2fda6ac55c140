"""The pictures of /progress/render: drawn once for all who look within the same second, by two threads of their own."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
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
_THREADS: Final = 2
_MOST_WORKERS: Final = 20_000

_Key: TypeAlias = tuple[str, bool, str, str, int, int | None]


class Pictures:
    """Draws; a picture that is less than a second old, or being drawn, is not drawn again.

    The threads are its own, so that many who look at large pictures hold up nothing else that is done in threads.
    """

    def __init__(self, core: Core) -> None:
        self._core = core
        self._drawn: dict[_Key, tuple[datetime, asyncio.Task[bytes]]] = {}
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="headway-pictures")

    async def of_job(self, job: Job, show: Show, *, vector: bool) -> bytes:
        """Draw a job's bars as SVG (``vector``) or PNG."""
        key = (job.id, vector, show.style, show.theme, show.scale, show.width)
        now = self._core.clock.now()
        kept = self._drawn.get(key)
        if kept is not None and _is_good(kept, now):
            return await asyncio.shield(kept[1])
        drawing = asyncio.create_task(self._draw_job(job, show, now, vector=vector))
        if len(self._drawn) >= _KEPT:
            del self._drawn[next(iter(self._drawn))]
        self._drawn[key] = (now, drawing)
        return await asyncio.shield(drawing)

    async def _draw_job(self, job: Job, show: Show, now: datetime, *, vector: bool) -> bytes:
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

        return await self._in_thread(draw, show.scale, vector=vector)

    async def of_words(self, title: str, words: str, show: Show, *, vector: bool) -> bytes:
        """Draw a message, so that a page with a picture of a job that is not there shows why."""

        def draw() -> Picture:
            theme = Theme(show.theme)
            if show.width is None:
                return message_picture(title, words, theme=theme)
            return message_picture(title, words, theme=theme, width=show.width)

        return await self._in_thread(draw, show.scale, vector=vector)

    async def _in_thread(self, draw: Callable[[], Picture], scale: int, *, vector: bool) -> bytes:
        loop = asyncio.get_running_loop()
        work = partial(_bytes, draw, scale, vector=vector)
        return await loop.run_in_executor(self._threads, work)


def _is_good(kept: tuple[datetime, asyncio.Task[bytes]], now: datetime) -> bool:
    """Tell whether a picture is still being drawn, or was drawn well and is new enough."""
    at, drawing = kept
    if not drawing.done():
        return True
    failed = drawing.cancelled() or drawing.exception() is not None
    return not failed and timedelta(0) <= now - at < _KEPT_FOR


def _bytes(draw: Callable[[], Picture], scale: int, *, vector: bool) -> bytes:
    picture = draw()
    return svg(picture).encode() if vector else png(picture, scale=scale)
