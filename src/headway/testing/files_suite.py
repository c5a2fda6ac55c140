"""What Files are: subclass ``FilesSuite``, give a fixture ``scene``, and pytest runs these."""

from typing import Protocol

import pytest

from headway.core.errors import InvalidRequest, NotFound, StagingFailed
from headway.core.model.names import Tag, tag_of
from headway.core.model.spec import Sandbox, Transfer
from headway.core.ports.executor import LogPart, Stream
from headway.core.ports.files import Files, ReadLog
from headway.testing.samples import job_id

OWNER = "ada"
TAG = tag_of(job_id(1), 1)
OTHER = tag_of(job_id(1), 2)


class Scene(Protocol):
    """Files, and what is outside of them.

    Attributes:
        root: the absolute path of an empty directory that ``OWNER`` may use, the only one.
    """

    files: Files
    root: str

    def put(self, path: str, data: bytes) -> None:
        """Write a file at an absolute path, in directories that are made."""
        ...

    def get(self, path: str) -> bytes | None:
        """Read one; None when it is not there."""
        ...


async def go_on(done_bytes: int, total_bytes: int) -> bool:
    """Be told of bytes; nothing stops them."""
    return 0 <= done_bytes <= total_bytes


def log_of(*, stdout: bytes = b"", stderr: bytes = b"", most: int = 7) -> ReadLog:
    """Give what reads logs, at most so many bytes at a time."""
    logs = {Stream.STDOUT: stdout, Stream.STDERR: stderr}

    async def read(stream: Stream, offset: int, limit: int) -> LogPart:
        log = logs[stream]
        return LogPart(data=log[offset : offset + min(limit, most)], size=len(log))

    return read


async def no_log(stream: Stream, offset: int, limit: int) -> LogPart:
    """Have no log to read."""
    raise NotFound(f"this machine has no {stream} from {offset} to {offset + limit}")


def brings(*pairs: tuple[str, str]) -> Sandbox:
    """Give a sandbox with files to bring."""
    return Sandbox(stage_in=tuple(Transfer(source=a, target=b) for a, b in pairs))


def fetches(
    *pairs: tuple[str, str], stdout: str | None = None, stderr: str | None = None
) -> Sandbox:
    """Give a sandbox with files to fetch."""
    transfers = tuple(Transfer(source=a, target=b) for a, b in pairs)
    return Sandbox(stage_out=transfers, stdout=stdout, stderr=stderr)


async def made(scene: Scene, sandbox: Sandbox | None = None, tag: Tag = TAG) -> str:
    """Stage in; gives the sandbox's path."""
    return await scene.files.stage_in(tag, sandbox or Sandbox(), owner=OWNER, told=go_on)


async def fetched(scene: Scene, sandbox: Sandbox, read_log: ReadLog = no_log) -> list[str]:
    """Stage out; gives what could not be fetched."""
    return list(
        await scene.files.stage_out(TAG, sandbox, owner=OWNER, read_log=read_log, told=go_on)
    )


class Checking:
    """What is refused by its text."""

    @pytest.mark.parametrize(
        "path",
        ["", "relative", "./a", "/etc/passwd", "{root}/../a", "{root}x/a", "{root}/a/../../b"],
    )
    async def test_a_path_outside_of_the_allowed_roots_is_refused(
        self, scene: Scene, path: str
    ) -> None:
        path = path.format(root=scene.root)
        for sandbox in (
            brings((path, "a")),
            fetches(("a", path)),
            fetches(stdout=path or "-"),
            fetches(stderr=path or "-"),
        ):
            with pytest.raises(InvalidRequest):
                scene.files.check(sandbox, owner=OWNER)

    @pytest.mark.parametrize("path", ["", "/a", "..", "../a", "a/../../b"])
    async def test_a_path_that_leads_out_of_the_sandbox_is_refused(
        self, scene: Scene, path: str
    ) -> None:
        for sandbox in (brings((f"{scene.root}/a", path)), fetches((path, f"{scene.root}/a"))):
            with pytest.raises(InvalidRequest):
                scene.files.check(sandbox, owner=OWNER)

    async def test_nothing_is_brought_in_place_of_the_sandbox_itself(self, scene: Scene) -> None:
        with pytest.raises(InvalidRequest):
            scene.files.check(brings((f"{scene.root}/a", "b/..")), owner=OWNER)

    async def test_paths_below_a_root_are_taken_whether_or_not_anything_is_there(
        self, scene: Scene
    ) -> None:
        root = scene.root
        scene.files.check(brings((f"{root}/a/./b//../c", "./x/../y")), owner=OWNER)
        scene.files.check(
            fetches((".", f"{root}/d"), ("a", root), stdout=f"{root}/o", stderr=f"{root}/e"),
            owner=OWNER,
        )


class StagingIn:
    """What comes into a sandbox."""

    async def test_a_sandbox_has_what_was_brought(self, scene: Scene) -> None:
        scene.put(f"{scene.root}/in/script", b"echo")
        scene.put(f"{scene.root}/in/tree/one", b"1")
        scene.put(f"{scene.root}/in/tree/below/two", b"2")
        place = await made(
            scene,
            brings((f"{scene.root}/in/script", "run"), (f"{scene.root}/in/tree/", "x/y")),
        )
        assert scene.get(f"{place}/run") == b"echo"
        assert scene.get(f"{place}/x/y/one") == b"1"
        assert scene.get(f"{place}/x/y/below/two") == b"2"
        assert scene.get(f"{scene.root}/in/script") == b"echo"

    async def test_a_sandbox_is_where_it_was_said_to_be(self, scene: Scene) -> None:
        place = scene.files.place(TAG)
        assert place.startswith("/")
        assert await made(scene) == place == scene.files.place(TAG)
        assert await made(scene, tag=OTHER) == scene.files.place(OTHER) != place

    async def test_a_later_entry_replaces_an_earlier_one(self, scene: Scene) -> None:
        scene.put(f"{scene.root}/a/data", b"first")
        scene.put(f"{scene.root}/b/data", b"second")
        place = await made(
            scene, brings((f"{scene.root}/a/data", "data"), (f"{scene.root}/b/data", "data"))
        )
        assert scene.get(f"{place}/data") == b"second"

    async def test_when_one_entry_is_missing_nothing_is_there_and_it_may_be_tried_again(
        self, scene: Scene
    ) -> None:
        scene.put(f"{scene.root}/a", b"a")
        sandbox = brings((f"{scene.root}/a", "a"), (f"{scene.root}/later", "b"))
        with pytest.raises(StagingFailed, match=f"{scene.root}/later"):
            await made(scene, sandbox)
        assert scene.get(f"{scene.files.place(TAG)}/a") is None
        assert list(await scene.files.tags()) == []
        scene.put(f"{scene.root}/later", b"b")
        place = await made(scene, sandbox)
        assert (scene.get(f"{place}/a"), scene.get(f"{place}/b")) == (b"a", b"b")

    async def test_a_sandbox_that_is_there_is_left_alone(self, scene: Scene) -> None:
        scene.put(f"{scene.root}/a", b"as it was")
        sandbox = brings((f"{scene.root}/a", "a"))
        place = await made(scene, sandbox)
        scene.put(f"{place}/a", b"as the job changed it")
        assert await made(scene, sandbox) == place
        assert scene.get(f"{place}/a") == b"as the job changed it"


class StagingOut:
    """What is fetched from a sandbox."""

    async def test_results_are_where_they_were_to_be(self, scene: Scene) -> None:
        place = await made(scene)
        scene.put(f"{place}/data.out", b"result")
        scene.put(f"{place}/tree/below/file", b"deep")
        targets = f"{scene.root}/out/data", f"{scene.root}/out/tree"
        sandbox = fetches(("data.out", targets[0]), ("tree", targets[1]))
        assert await fetched(scene, sandbox) == []
        assert scene.get(targets[0]) == b"result"
        assert scene.get(f"{targets[1]}/below/file") == b"deep"
        assert scene.get(f"{place}/data.out") == b"result"

    async def test_a_whole_sandbox_can_be_fetched(self, scene: Scene) -> None:
        place = await made(scene)
        scene.put(f"{place}/a", b"a")
        scene.put(f"{place}/b/c", b"c")
        assert await fetched(scene, fetches((".", f"{scene.root}/all"))) == []
        assert scene.get(f"{scene.root}/all/a") == b"a"
        assert scene.get(f"{scene.root}/all/b/c") == b"c"

    async def test_existing_targets_are_replaced_and_their_neighbours_stay(
        self, scene: Scene
    ) -> None:
        place = await made(scene)
        scene.put(f"{place}/tree/file", b"new")
        scene.put(f"{scene.root}/tree/file", b"old, and longer")
        scene.put(f"{scene.root}/tree/neighbour", b"stays")
        scene.put(f"{scene.root}/stdout.txt", b"old, and longer")
        sandbox = fetches(("tree", f"{scene.root}/tree"), stdout=f"{scene.root}/stdout.txt")
        assert await fetched(scene, sandbox, log_of(stdout=b"new")) == []
        assert scene.get(f"{scene.root}/tree/file") == b"new"
        assert scene.get(f"{scene.root}/tree/neighbour") == b"stays"
        assert scene.get(f"{scene.root}/stdout.txt") == b"new"

    async def test_logs_are_fetched_whole_also_without_results_and_when_they_are_empty(
        self, scene: Scene
    ) -> None:
        await made(scene)
        sandbox = fetches(stdout=f"{scene.root}/o", stderr=f"{scene.root}/e/e")
        log = bytes(range(256)) * 5
        assert await fetched(scene, sandbox, log_of(stdout=log)) == []
        assert scene.get(f"{scene.root}/o") == log
        assert scene.get(f"{scene.root}/e/e") == b""

    async def test_what_is_missing_is_named_and_the_others_are_fetched(self, scene: Scene) -> None:
        place = await made(scene)
        scene.put(f"{place}/one", b"1")
        scene.put(f"{place}/two", b"2")
        root = scene.root
        sandbox = fetches(("one", f"{root}/one"), ("absent", f"{root}/b"), ("two", f"{root}/two"))
        (missing,) = await fetched(scene, sandbox)
        assert "absent" in missing
        assert (scene.get(f"{root}/one"), scene.get(f"{root}/two")) == (b"1", b"2")
        assert scene.get(f"{root}/b") is None

    async def test_a_log_that_is_gone_is_named_and_the_results_are_fetched(
        self, scene: Scene
    ) -> None:
        place = await made(scene)
        scene.put(f"{place}/one", b"1")
        root = scene.root
        sandbox = fetches(("one", f"{root}/one"), stdout=f"{root}/o", stderr=f"{root}/e")
        missing = await fetched(scene, sandbox, no_log)
        assert [f"{root}/o" in missing[0], f"{root}/e" in missing[1]] == [True, True]
        assert scene.get(f"{root}/o") is None
        assert scene.get(f"{root}/one") == b"1"

    async def test_without_its_sandbox_a_jobs_logs_are_fetched_all_the_same(
        self, scene: Scene
    ) -> None:
        sandbox = fetches(("one", f"{scene.root}/one"), stdout=f"{scene.root}/o")
        missing = await fetched(scene, sandbox, log_of(stdout=b"log"))
        assert len(missing) == 1
        assert scene.get(f"{scene.root}/o") == b"log"

    async def test_fetching_may_be_repeated(self, scene: Scene) -> None:
        place = await made(scene)
        scene.put(f"{place}/a", b"first")
        sandbox = fetches(("a", f"{scene.root}/a"), stdout=f"{scene.root}/o")
        assert await fetched(scene, sandbox, log_of(stdout=b"log")) == []
        scene.put(f"{place}/a", b"second")
        assert await fetched(scene, sandbox, log_of(stdout=b"log")) == []
        assert scene.get(f"{scene.root}/a") == b"second"


class Deleting:
    """How sandboxes go."""

    async def test_sandboxes_are_listed_until_they_are_deleted(self, scene: Scene) -> None:
        assert list(await scene.files.tags()) == []
        scene.put(f"{scene.root}/a", b"a")
        place = await made(scene, brings((f"{scene.root}/a", "a")))
        scene.put(f"{place}/b/c", b"c")
        await made(scene, tag=OTHER)
        assert sorted(await scene.files.tags()) == sorted([TAG, OTHER])
        await scene.files.delete(TAG)
        assert list(await scene.files.tags()) == [OTHER]
        assert scene.get(f"{place}/a") is None
        assert scene.get(f"{place}/b/c") is None
        assert scene.get(f"{scene.root}/a") == b"a"

    async def test_deleting_what_is_not_there_is_no_error(self, scene: Scene) -> None:
        await scene.files.delete(TAG)
        await made(scene)
        await scene.files.delete(TAG)
        await scene.files.delete(TAG)
        assert list(await scene.files.tags()) == []

    async def test_a_deleted_sandbox_can_be_made_again(self, scene: Scene) -> None:
        scene.put(f"{scene.root}/a", b"a")
        place = await made(scene)
        scene.put(f"{place}/left", b"behind")
        await scene.files.delete(TAG)
        assert await made(scene, brings((f"{scene.root}/a", "a"))) == place
        assert scene.get(f"{place}/left") is None
        assert scene.get(f"{place}/a") == b"a"


class FilesSuite(Checking, StagingIn, StagingOut, Deleting):
    """All promises of headway.core.ports.files that need no real disk."""

    pytestmark = pytest.mark.anyio
