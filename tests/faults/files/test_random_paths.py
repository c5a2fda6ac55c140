"""Random hostile paths: whatever is said, nothing comes from and nothing goes to where it may not."""

import shutil
from pathlib import Path

import pytest
from tests.faults.counts import dice, rounds
from tests.files.rig import OWNER, SECRET, Rig, tree_of

from headway.core.errors import InvalidRequest, StagingFailed
from headway.core.model.names import Tag
from headway.core.model.spec import Sandbox, Transfer
from headway.files.opening import Opening, open_beneath, walk_beneath
from headway.testing.files_suite import go_on, log_of

pytestmark = pytest.mark.anyio

PATHS = 10_000
WHOLE = ["data", "home", "outside", "sandboxes"]
NAMES = [
    *("a", "b", "file", "file", "self", "deep") * 4,
    *("a", "b", "file", "up", "out", "abs", "loop", "data", "far", "deep", "self", "new", "☂"),
    *("..", "..", "..", ".", "", "...", "~", "%2e%2e", "\\..", "..;", "..\\", "-rf", " ", "\n"),
    *("outside", "sandboxes", "home", "proc", "self", "root", "cwd", "fd", "x" * 255, "x" * 256),
    *("a\0b", "\ud800", "\udcff", "\u202e", "\uff0e\uff0e", "․․"),  # noqa: RUF001 -- hostile
]


class World:
    """A home full of links, and secrets around it."""

    def __init__(self, place: Path, opening: Opening) -> None:
        self.rig = Rig(place, opening=opening)
        self.random = dice()
        self.build()

    def build(self) -> None:
        """Make the home anew."""
        home = self.rig.home
        shutil.rmtree(home)
        for directory in (home, home / "a", home / "a/b"):
            directory.mkdir()
            (directory / "file").write_bytes(b"ours")
            (directory / "self").symlink_to(".")
            (directory / "abs").symlink_to(self.rig.outside)
            (directory / "loop").symlink_to("loop")
            (directory / "data").symlink_to(self.rig.data)
        (home / "up").symlink_to("..")
        (home / "out").symlink_to("../outside/file")
        (home / "a/up").symlink_to("..")
        (home / "a/far").symlink_to("../../outside")
        (home / "a/b/up").symlink_to("../up")
        (home / "deep").symlink_to("a/b")

    def path(self) -> str:
        """Make up a path."""
        names = self.random.choices(NAMES, k=self.random.choice([1, 2, 2, 3, 3, 5, 7]))
        if self.random.random() < 0.5:  # one that may be good
            words = ["a", "a/b", ".", "a/b/..", "self", "deep", "up"]
            names = [*self.random.choices(words, k=self.random.randint(1, 2)), "file"]
        start = self.random.choice(["{home}/"] * 8 + ["{home}/../", "/", "", "//", "{home}"])
        return start.format(home=self.rig.home) + "/".join(names)

    def inner(self) -> str:
        """Make up a path in a sandbox."""
        if self.random.random() < 0.5:
            return self.random.choice(["file", "a", "a/file", "."])
        return "/".join(self.random.choices(NAMES, k=self.random.randint(1, 4)))

    async def bring(self, tag: Tag) -> bool:
        """Bring something; tells whether that was allowed."""
        sandbox = Sandbox(stage_in=(Transfer(source=self.path(), target=self.inner()),))
        if not self._checked(sandbox):
            # What the text would have told is not relied on.
            sandbox = Sandbox(stage_in=(Transfer(source=self._sound(), target="in"),))
        try:
            place = Path(await self.rig.files.stage_in(tag, sandbox, owner=OWNER, told=go_on))
        except StagingFailed:
            return False
        brought = tree_of(place).values()
        assert all(data != SECRET for data in brought), sandbox
        return True

    async def fetch(self, tag: Tag) -> bool:
        """Fetch something; tells whether that was allowed."""
        sandbox = Sandbox(
            stage_out=(Transfer(source=self.inner(), target=self.path()),), stdout=self._sound()
        )
        if not self._checked(sandbox):
            sandbox = Sandbox(stage_out=(Transfer(source="file", target=self._sound()),))
        failures = await self.rig.files.stage_out(
            tag, sandbox, owner=OWNER, read_log=log_of(stdout=b"log"), told=go_on
        )
        return not failures

    def _sound(self) -> str:
        """Make up a path that the system could take."""
        while "\0" in (path := self.path()) or "\ud800" in path or not path.startswith("/"):
            pass
        return path

    def _checked(self, sandbox: Sandbox) -> bool:
        try:
            self.rig.files.check(sandbox, owner=OWNER)
        except InvalidRequest:
            return False
        return True


@pytest.mark.parametrize("opening", [open_beneath, walk_beneath], ids=["kernel", "walk"])
async def test_no_path_leads_out(tmp_path: Path, opening: Opening) -> None:
    count = rounds(PATHS) // 4  # brought and fetched, in two ways
    world = World(tmp_path, opening)
    rig = world.rig
    guarded = tree_of(rig.outside), tree_of(rig.data)
    brought = fetched = 0
    for _ in range(count):
        brought += await world.bring(rig.tag)
        await rig.files.delete(rig.tag)
    for number in range(count):
        if number % 50 == 0:
            world.build()
        place = await rig.make()
        (place / "a").mkdir()
        for name in ("file", "a/file"):
            (place / name).write_bytes(b"mine")
        fetched += await world.fetch(rig.tag)
        await rig.files.delete(rig.tag)
    print(f"{brought} of {count} brought, {fetched} of {count} fetched")  # noqa: T201 - the figure
    assert (tree_of(rig.outside), tree_of(rig.data)) == guarded
    assert sorted({name.split("/")[0] for name in tree_of(tmp_path)}) == WHOLE
    assert min(brought, fetched) > 0
