"""What happens to a new job's sandbox before the job is stored."""

import contextlib
from collections.abc import AsyncIterator

from headway.core.core import Core
from headway.core.errors import InvalidRequest
from headway.core.model.job import Job
from headway.core.model.spec import Sandbox
from headway.core.ports.files import Files


def check(core: Core, sandbox: Sandbox, *, owner: str) -> None:
    """Check the paths of a sandbox that is asked for; no file is looked at.

    Raises:
        InvalidRequest: the message names the entry, or this server has no sandboxes.
    """
    _files(core).check(sandbox, owner=owner)


@contextlib.asynccontextmanager
async def prepared(core: Core, job: Job, sandbox: Sandbox) -> AsyncIterator[None]:
    """Bring the files of a job that is about to be stored; if it is not, its sandbox goes again.

    Raises:
        StagingFailed: a file cannot be brought; nothing is left behind.
    """
    files = _files(core)
    core.preparing.add(job.tag)
    try:
        await files.stage_in(job.tag, sandbox, owner=job.owner, told=_go_on)
        try:
            yield
        except BaseException:
            await files.delete(job.tag)
            raise
    finally:
        core.preparing.discard(job.tag)


async def _go_on(_done: int, _total: int) -> bool:
    return True


def _files(core: Core) -> Files:
    if core.files is None:
        raise InvalidRequest("this server has no place for sandboxes", field="sandbox")
    return core.files
