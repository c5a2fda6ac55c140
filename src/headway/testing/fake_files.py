"""Sandboxes in memory. See headway.core.ports.files.Files."""

import posixpath
from collections.abc import Iterable, Sequence

from headway.core.errors import HeadwayError, InvalidRequest, StagingFailed
from headway.core.model.names import Tag
from headway.core.model.spec import Sandbox
from headway.core.ports.executor import Stream
from headway.core.ports.files import ReadLog, Told

_PART_BYTES = 1 << 16
_PREFIX = "headway_sandbox_"


class FakeFiles:
    """Files by their absolute paths; a directory is there as long as something is in it. What a job does, a test writes.

    Attributes:
        disk: all files there are, those in sandboxes too.
        allowed: the one directory that files are brought from and fetched to.
        fails_with: raised by ``stage_in`` while it is set.
        stuck: sandboxes that cannot be deleted.
        tells: what ``told`` hears in each staging, one after the other: bytes so far and in all.
    """

    def __init__(self, disk: dict[str, bytes] | None = None, *, allowed: str = "/home") -> None:
        self.disk = {} if disk is None else disk
        self.allowed = allowed
        self.fails_with: StagingFailed | None = None
        self.stuck: set[Tag] = set()
        self.tells: Sequence[tuple[int, int]] = ()
        self._tags: set[Tag] = set()

    def check(self, sandbox: Sandbox, *, owner: str) -> None:  # noqa: ARG002 -- the port has it
        """Check paths by their text; see Files."""
        outside = [(each.source, "stage_in") for each in sandbox.stage_in]
        outside += [(each.target, "stage_out") for each in sandbox.stage_out]
        outside += [(path, "stdout") for path in (sandbox.stdout, sandbox.stderr) if path]
        for path, field in outside:
            if not f"{posixpath.normpath(path)}/".startswith(f"{self.allowed}/"):
                raise InvalidRequest(f"{path}: it is not below {self.allowed}", field=field)
        inside = [(each.target, "stage_in") for each in sandbox.stage_in]
        inside += [(each.source, "stage_out") for each in sandbox.stage_out]
        for path, field in inside:
            plain = posixpath.normpath(path)
            if not path or plain.startswith(("/", "..")) or (plain, field) == (".", "stage_in"):
                raise InvalidRequest(f"{path!r}: it is no path in the sandbox", field=field)

    def place(self, tag: Tag) -> str:
        """Give the path of a sandbox; see Files."""
        return f"/sandboxes/{_PREFIX}{tag}"

    async def stage_in(
        self,
        tag: Tag,
        sandbox: Sandbox,
        *,
        owner: str,  # noqa: ARG002 -- see above
        told: Told,
    ) -> str:
        """Make a sandbox; see Files."""
        if tag in self._tags:
            return self.place(tag)
        if self.fails_with is not None:
            raise self.fails_with
        if not await self._tell(told):
            raise StagingFailed("the staging was stopped")
        new: dict[str, bytes] = {}
        for transfer in sandbox.stage_in:
            brought = self._copies(
                transfer.source, posixpath.join(self.place(tag), transfer.target)
            )
            if not brought:
                raise StagingFailed(f"{transfer.source}: there is no such file")
            new |= brought
        self.disk |= new
        self._tags.add(tag)
        return self.place(tag)

    async def stage_out(
        self,
        tag: Tag,
        sandbox: Sandbox,
        *,
        owner: str,  # noqa: ARG002 -- see above
        read_log: ReadLog,
        told: Told,
    ) -> Sequence[str]:
        """Copy logs and results; see Files."""
        if not await self._tell(told):
            return ["the fetching was stopped"]
        missing: list[str] = []
        for stream, path in ((Stream.STDOUT, sandbox.stdout), (Stream.STDERR, sandbox.stderr)):
            if path is not None:
                try:
                    self.disk[posixpath.normpath(path)] = await _whole(read_log, stream)
                except HeadwayError as error:
                    missing.append(f"{path}: {error}")
        for transfer in sandbox.stage_out:
            source = posixpath.join(self.place(tag), transfer.source)
            fetched = self._copies(source, transfer.target)
            self.disk |= fetched
            if not fetched:
                missing.append(f"{transfer.source}: there is no such file")
        return missing

    async def delete(self, tag: Tag) -> None:
        """Delete a sandbox; see Files."""
        if tag in self.stuck:
            raise StagingFailed(f"{self.place(tag)} cannot be deleted")
        self._tags.discard(tag)
        for path in list(self._below(self.place(tag))):
            del self.disk[path]

    async def tags(self) -> Sequence[Tag]:
        """List the attempts that have sandboxes; see Files."""
        return sorted(self._tags)

    async def _tell(self, told: Told) -> bool:
        for done_bytes, total_bytes in self.tells:
            if not await told(done_bytes, total_bytes):
                return False
        return True

    def _below(self, path: str) -> Iterable[str]:
        return [each for each in self.disk if each == path or each.startswith(f"{path}/")]

    def _copies(self, source: str, target: str) -> dict[str, bytes]:
        """Give the files that a copy of a file or directory makes."""
        source, target = posixpath.normpath(source), posixpath.normpath(target)
        return {target + path.removeprefix(source): self.disk[path] for path in self._below(source)}


async def _whole(read_log: ReadLog, stream: Stream) -> bytes:
    log = b""
    while part := (await read_log(stream, len(log), _PART_BYTES)).data:
        log += part
    return log
