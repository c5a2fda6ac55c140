"""The ends of a job's outputs, for its page."""

import re
from typing import Final

from headway.core.core import Core
from headway.core.errors import HeadwayError
from headway.core.model.job import Job
from headway.core.model.principal import Principal
from headway.core.operations.logs import read_log
from headway.core.ports.executor import Stream
from headway.views.clean import clean

_TAIL_BYTES: Final = 16_384
_TAIL_LINES: Final = 40
_LINE_LIMIT: Final = 2000
_ESCAPES: Final = re.compile(r"\x1b(\[[0-9;:?]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\)|[@-Z\\-_])")


async def read_tails(core: Core, *, actor: Principal, job: Job) -> list[tuple[str, str]]:
    """Read the last lines of a job's outputs by stream, without those that are empty or cannot be had now."""
    if job.only_reports:
        return []
    tails = []
    for stream in Stream:
        text = await _tail(core, actor, job, stream)
        if text:
            tails.append((stream.value, text))
    return tails


async def _tail(core: Core, actor: Principal, job: Job, stream: Stream) -> str:
    try:
        size = (
            await read_log(
                core, actor=actor, job_id=job.id, stream=stream, attempt=None, offset=0, limit=0
            )
        ).size
        part = await read_log(
            core,
            actor=actor,
            job_id=job.id,
            stream=stream,
            attempt=None,
            offset=max(0, size - _TAIL_BYTES),
            limit=_TAIL_BYTES,
        )
    except HeadwayError:
        return ""
    lines = part.data.decode("utf-8", "replace").split("\n")[-_TAIL_LINES - 1 :]
    return "\n".join(_seen(line) for line in lines).strip("\n")


def _seen(line: str) -> str:
    """Give what a terminal would leave of a line: nothing of its colours, and only what was written last over the rest."""
    last = line.rstrip("\r").rpartition("\r")[2]
    return clean(_ESCAPES.sub("", last), _LINE_LIMIT)
