"""Real files below one place: a user's home, what is outside of it, Headway's own data, and what stages between them."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from headway.core.model.names import Tag, tag_of
from headway.core.model.spec import Sandbox, Transfer
from headway.core.ports.files import Files
from headway.files import make_files
from headway.files.opening import Opening
from headway.testing.files_suite import go_on, log_of
from headway.testing.samples import job_id

OWNER = "ada"
SECRET = b"SECRET"


class Rig:
    """Headway's files over a small world.

    Attributes:
        home: what the owner may use, if nothing else is said.
        outside: what nobody may use; a file in it says SECRET.
        data: Headway's own; a file in it says SECRET.
    """

    def __init__(
        self,
        place: Path,
        *,
        roots: Sequence[Path] | None = None,
        opening: Opening | None = None,
        own_uid: int | None = None,
    ) -> None:
        self.home, self.outside, self.data = (place / name for name in ("home", "outside", "data"))
        for directory in (self.home, self.outside, self.data):
            directory.mkdir(exist_ok=True)
        for directory in (self.outside, self.data):
            (directory / "file").write_bytes(SECRET)
        self.sandboxes = place / "sandboxes"
        allowed = [self.home] if roots is None else list(roots)
        self.files: Files = make_files(
            root=self.sandboxes,
            roots_for=lambda _: allowed,
            forbidden=[self.data],
            own_uid=os.geteuid() if own_uid is None else own_uid,
            record=self.data / "sandbox-roots",
            opening=opening,
        )
        self.tag = tag_of(job_id(1), 1)

    async def stage_in(
        self, source: Path | str, target: str = "in", *, tag: Tag | None = None
    ) -> Path:
        """Bring one thing; gives the sandbox."""
        transfer = Transfer(source=str(source), target=target)
        return await self.make(Sandbox(stage_in=(transfer,)), tag=tag)

    async def make(self, sandbox: Sandbox | None = None, *, tag: Tag | None = None) -> Path:
        """Make a sandbox, if it is not there; gives it."""
        wanted = sandbox or Sandbox()
        return Path(await self.files.stage_in(tag or self.tag, wanted, owner=OWNER, told=go_on))

    async def stage_out(self, source: str, target: Path | str) -> list[str]:
        """Fetch one thing; gives what went wrong."""
        transfer = Transfer(source=source, target=str(target))
        return await self.fetch(Sandbox(stage_out=(transfer,)))

    async def log_to(self, target: Path) -> list[str]:
        """Fetch the standard output; gives what went wrong."""
        return await self.fetch(Sandbox(stdout=str(target)))

    async def fetch(self, sandbox: Sandbox) -> list[str]:
        """Fetch; gives what went wrong."""
        read_log = log_of(stdout=b"log", stderr=b"")
        return list(
            await self.files.stage_out(
                self.tag, sandbox, owner=OWNER, read_log=read_log, told=go_on
            )
        )


def tree_of(place: Path) -> Mapping[str, bytes | None]:
    """Give all that is below a directory: contents of files, None for directories, what links say."""
    found: dict[str, bytes | None] = {}
    for path in place.rglob("*"):
        name = str(path.relative_to(place))
        if path.is_symlink():
            found[name] = b"-> " + os.fsencode(path.readlink())
        else:
            found[name] = path.read_bytes() if path.is_file() else None
    return found
