"""Takes up what jobs wrote into the spool directory while the server was out of their reach.

Each line is what the worker file would have sent: ``{"v": 1, "job": ID, "body": a report, "finish": an end, "create": a submission,
"key": its idempotency key}``. The directory is the server's own user's alone, so its lines are taken as that user's words. A
file is set aside first and read a little later, so that a writer who had it open has written; it goes when every line was
taken or refused for good. Being cut off in between only says some things twice.
"""

import asyncio
import logging
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

import msgspec

from headway.app.inside import ask_inside
from headway.core.errors import HeadwayError
from headway.core.ports.clock import Clock
from headway.lib.asgi import ASGIApp

logger = logging.getLogger(__name__)

_JOBS: Final = "/api/v1/jobs"
_ASIDE: Final = ".taken"
_PATIENCE_S: Final = 2.0
_LONGEST_BYTES: Final = 64 * 1024 * 1024


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a spool file."""

    v: int
    job: str | None = None
    body: dict[str, Any] | None = None
    finish: dict[str, Any] | None = None
    create: dict[str, Any] | None = None
    key: str | None = None


class NotNow(HeadwayError):
    """The server cannot take the line at present; the file is kept."""

    code = "not-now"


class Spool:
    """Rounds over the spool directory."""

    def __init__(self, directory: Path, app: ASGIApp, clock: Clock) -> None:
        self._directory = directory
        self._app = app
        self._clock = clock

    async def round(self) -> int:
        """Set new files aside, and take up those that were set aside before; gives how many lines were taken.

        Raises:
            NotNow: the store has no space; what is left is taken up later.
        """
        for path in self._directory.glob("*.jsonl"):
            path.rename(path.with_name(f"{path.name}{_ASIDE}.{self._clock.now():%Y%m%d%H%M%S%f}"))
        taken = 0
        for path in sorted(self._directory.glob(f"*.jsonl{_ASIDE}.*")):
            if self._clock.now().timestamp() - path.lstat().st_ctime >= _PATIENCE_S:
                taken += await self._take(path)
        return taken

    async def _take(self, path: Path) -> int:
        taken = 0
        for raw in await asyncio.to_thread(_lines, path):
            try:
                line = msgspec.json.decode(raw, type=Line)
            except msgspec.MsgspecError as error:
                logger.warning("spool %s: a line is not what it should be: %s", path.name, error)
                continue
            await self._say(line)
            taken += 1
        await asyncio.to_thread(path.unlink)
        return taken

    async def _say(self, line: Line) -> None:
        job = line.job
        if job is None and line.create is not None:
            made = await self._ask(_JOBS, line.create, key=line.key)
            job = None if made is None else str(msgspec.json.decode(made)["id"])
        if job is None:
            return
        if line.body:
            await self._ask(f"{_JOBS}/{job}/report", line.body)
        if line.finish is not None:
            await self._ask(f"{_JOBS}/{job}/finish", line.finish)

    async def _ask(self, path: str, document: object, *, key: str | None = None) -> bytes | None:
        """Give the answer's body; None when the request was refused for good, which is logged."""
        answer = await ask_inside(self._app, path, document, key=key)
        if answer.status < HTTPStatus.BAD_REQUEST:
            return answer.body
        words = answer.body.decode("utf-8", "replace")[:500]
        if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise NotNow(f"{path}: {words}")
        logger.warning("spool: %s refused: %s", path, words)
        return None


def _lines(path: Path) -> list[bytes]:
    """Read a file's whole lines; a last one without its end was cut off while it was written."""
    with path.open("rb") as file:
        text = file.read(_LONGEST_BYTES)
    return [line for line in text.split(b"\n")[:-1] if line.strip()]
