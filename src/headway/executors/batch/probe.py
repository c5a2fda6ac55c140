"""Looks whether a scheduler is here, which one it is, and whether it answers. Submits nothing."""

import shutil
from collections.abc import Mapping

import msgspec

from headway.core.errors import ExecutorRejected, ExecutorUnavailable
from headway.executors.batch.dialect import Dialect
from headway.executors.batch.transport import Transport


class Probed(msgspec.Struct, frozen=True, kw_only=True):
    """What was seen of a scheduler.

    Attributes:
        programs: where each of its programs is; None for one that is not on PATH.
        version: what it says of itself; "" when it said nothing.
        stranger: what its programs belong to instead, in words; "" when they are its own.
        trouble: why it could not be asked; "" when it answered.
        jobs: how many jobs it lists for whoever asked; None when it was not asked.
    """

    programs: Mapping[str, str | None]
    version: str = ""
    stranger: str = ""
    trouble: str = ""
    jobs: int | None = None

    @property
    def is_here(self) -> bool:
        """Tell whether any of its programs is here, and is its own."""
        return any(self.programs.values()) and not self.stranger


async def probe(dialect: Dialect, transport: Transport, *, path: str) -> Probed:
    """Ask a scheduler on this machine for its version, and then for its jobs; nothing where none of its programs is on ``path``."""
    seen = Probed(programs={name: shutil.which(name, path=path) for name in dialect.programs})
    if not seen.is_here:
        return seen
    version = ""
    try:
        version = dialect.read_version(await transport.run(dialect.version()))
        jobs = dialect.listed(await transport.run(dialect.listing()))
    except ExecutorRejected as error:
        return msgspec.structs.replace(seen, stranger=str(error))
    except ExecutorUnavailable as error:
        return msgspec.structs.replace(seen, version=version, trouble=str(error))
    return msgspec.structs.replace(seen, version=version, jobs=len(jobs))
