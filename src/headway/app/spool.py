"""Takes up what jobs wrote into the spool directory while the server was out of their reach.

Each line is what the worker file would have sent: ``{"v": 1, "job": ID, "body": a report, "finish": an end, "create": a submission,
"key": its idempotency key}``. The directory is the server's own user's alone, so its lines are taken as that user's words. A
file is set aside first and read a little later, so that a writer who had it open has written; it goes when every line was
taken or refused for good. Being cut off in between only says some things twice. What is no file is left where it is.
"""

import asyncio
import logging
import os
import stat
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
_PART_BYTES: Final = 8 * 1024 * 1024  #: read at a time; no line is longer
_KEPT_NAME: Final = (
    50  #: characters of a file's own name when it is set aside: names have 255 bytes at most
)
#: Nonblocking: the opening of a pipe that somebody put there would wait for a writer for ever.
_READING: Final = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK


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
        for path in self._files("*.jsonl"):
            stamp = f"{self._clock.now():%Y%m%d%H%M%S%f}.{path.lstat().st_ino}"
            path.rename(path.with_name(f"{path.stem[:_KEPT_NAME]}.jsonl{_ASIDE}.{stamp}"))
        taken = 0
        for path in sorted(self._files(f"*.jsonl{_ASIDE}.*")):
            if self._clock.now().timestamp() - path.lstat().st_ctime >= _PATIENCE_S:
                taken += await self._take_or_keep(path)
        return taken

    async def _take_or_keep(self, path: Path) -> int:
        """Take a file up; one that breaks us is kept for somebody to look at, and holds up no other."""
        try:
            return await self._take(path)
        except HeadwayError:
            raise
        except Exception:
            kept = path.with_name(f"broken.{path.name.replace('.jsonl', '')}")
            logger.exception("spool %s could not be taken up; it is kept as %s", path.name, kept)
            await asyncio.to_thread(path.rename, kept)
            return 0

    def _files(self, pattern: str) -> list[Path]:
        return [path for path in self._directory.glob(pattern) if _is_file(path)]

    async def _take(self, path: Path) -> int:
        taken = 0
        offset: int | None = 0
        while offset is not None:
            lines, offset = await asyncio.to_thread(_lines, path, offset)
            for raw in lines:
                try:
                    line = msgspec.json.decode(raw, type=Line)
                except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
                    logger.warning(
                        "spool %s: a line is not what it should be: %s", path.name, error
                    )
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


def _is_file(path: Path) -> bool:
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except FileNotFoundError:
        return False


def _lines(path: Path, offset: int) -> tuple[list[bytes], int | None]:
    """Read some whole lines, and tell where to go on; a last one without its end was cut off while it was written."""
    with os.fdopen(os.open(path, _READING), "rb") as file:
        file.seek(offset)
        text = file.read(_PART_BYTES)
    end = text.rfind(b"\n") + 1
    lines = [line for line in text[:end].split(b"\n") if line.strip()]
    if len(text) < _PART_BYTES:
        return lines, None
    return lines, offset + (end or len(text))
