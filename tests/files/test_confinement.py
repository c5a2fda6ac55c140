"""Nothing comes from, and nothing goes to, where it may not."""

import os
from pathlib import Path

import pytest
from tests.files.rig import OWNER, SECRET, Rig, tree_of

from headway.core.errors import InvalidRequest, StagingFailed
from headway.core.model.names import tag_of
from headway.core.model.spec import Sandbox, Transfer
from headway.files import make_files
from headway.files.opening import walk_beneath
from headway.testing.samples import job_id

pytestmark = pytest.mark.anyio


async def refused(rig: Rig, source: Path | str) -> str:
    """Have a source refused, and nothing left of the sandbox; gives why."""
    with pytest.raises(StagingFailed) as caught:
        await rig.stage_in(source)
    assert str(source) in str(caught.value)
    assert list(rig.sandboxes.iterdir()) == []
    return str(caught.value)


async def test_a_link_that_leads_out_is_refused_wherever_it_is_on_the_way(either: Rig) -> None:
    rig = either
    (rig.home / "file").symlink_to("../outside/file")
    (rig.home / "absolute").symlink_to(rig.outside / "file")
    (rig.home / "directory").symlink_to("../outside")
    (rig.home / "far").mkdir()
    (rig.home / "far/up").symlink_to("../../outside")
    for name in ("file", "absolute", "directory", "directory/file", "far/up/file"):
        await refused(rig, rig.home / name)


async def test_a_link_that_stays_inside_is_followed(rig: Rig) -> None:
    (rig.home / "real").mkdir()
    (rig.home / "real/file").write_bytes(b"ours")
    (rig.home / "directory").symlink_to("real")
    (rig.home / "file").symlink_to("directory/file")
    (rig.home / "up").symlink_to("directory/..")
    sandbox = Sandbox(
        stage_in=tuple(
            Transfer(source=str(rig.home / source), target=f"{number}")
            for number, source in enumerate(("file", "directory/file", "up/file"))
        )
    )
    place = await rig.make(sandbox)
    assert tree_of(place) == {"0": b"ours", "1": b"ours", "2": b"ours"}
    assert not (place / "0").is_symlink()


async def test_links_in_a_circle_are_refused(either: Rig) -> None:
    (either.home / "a").symlink_to("b")
    (either.home / "b").symlink_to("a")
    await refused(either, either.home / "a")
    await refused(either, either.home / "a/c")


async def test_what_is_headways_own_is_refused_however_it_is_reached(tmp_path: Path) -> None:
    rig = Rig(tmp_path, roots=[Path("/")])
    other = await rig.make(tag=tag_of(job_id(2), 1))
    (other / "file").write_bytes(SECRET)
    (rig.home / "data").symlink_to(rig.data)
    (rig.home / "link").symlink_to(rig.data / "file")
    (rig.home / "relative").symlink_to("../data/file")
    (rig.home / "other").symlink_to(other)
    for path in (
        rig.data,
        rig.data / "file",
        rig.home / "data",
        rig.home / "data/file",
        rig.home / "link",
        rig.home / "relative",
        f"/proc/self/root{rig.data}/file",
        f"{rig.home}/../data/file",
        rig.home / "other/file",
        other,
        tmp_path,
    ):
        with pytest.raises(StagingFailed):
            await rig.stage_in(path)
        assert list(await rig.files.tags()) == [tag_of(job_id(2), 1)]


async def test_what_is_beside_sandboxes_in_their_directory_is_anybodys(tmp_path: Path) -> None:
    rig = Rig(tmp_path, roots=[Path("/")])
    await rig.make(tag=tag_of(job_id(2), 1))
    (rig.sandboxes / "mine").write_bytes(b"ours")
    place = await rig.stage_in(rig.sandboxes / "mine", "in")
    assert (place / "in").read_bytes() == b"ours"


async def test_with_the_root_of_all_files_links_lead_anywhere_else(tmp_path: Path) -> None:
    for opening in (None, walk_beneath):
        rig = Rig(tmp_path, roots=[Path("/")], opening=opening)
        (rig.home / "link").unlink(missing_ok=True)
        (rig.home / "link").symlink_to(rig.outside / "file")
        place = await rig.stage_in(rig.home / "link", "in")
        assert (place / "in").read_bytes() == SECRET
        await rig.files.delete(rig.tag)


async def test_nothing_is_fetched_to_where_a_link_leads_out(either: Rig) -> None:
    rig = either
    place = await rig.make()
    (place / "file").write_bytes(b"mine")
    (place / "tree").mkdir()
    (place / "tree/file").write_bytes(b"mine")
    (rig.home / "directory").symlink_to("../outside")
    (rig.home / "absolute").symlink_to(rig.outside)
    before = tree_of(rig.outside)
    for target in ("directory/file", "directory/new/file", "absolute/file"):
        assert len(await rig.stage_out("file", rig.home / target)) == 1
    for target in ("directory", "absolute/new", "directory/new"):
        assert len(await rig.stage_out("tree", rig.home / target)) == 1
    assert tree_of(rig.outside) == before


async def test_a_link_in_a_targets_place_is_replaced_and_not_followed(either: Rig) -> None:
    rig = either
    place = await rig.make()
    (place / "tree").mkdir()
    (place / "tree/file").write_bytes(b"mine")
    (rig.home / "file").symlink_to(rig.outside / "file")
    (rig.home / "tree").mkdir()
    (rig.home / "tree/file").symlink_to(rig.outside / "file")
    assert await rig.stage_out("tree/file", rig.home / "file") == []
    assert await rig.stage_out("tree", rig.home / "tree") == []
    assert (rig.outside / "file").read_bytes() == SECRET
    assert tree_of(rig.home) == {"file": b"mine", "tree": None, "tree/file": b"mine"}


async def test_a_link_in_a_target_directorys_place_is_kept_and_not_followed(either: Rig) -> None:
    rig = either
    place = await rig.make()
    (place / "tree/below").mkdir(parents=True)
    (place / "tree/below/file").write_bytes(b"mine")
    (rig.home / "tree").mkdir()
    (rig.home / "tree/below").symlink_to(rig.outside)
    before = tree_of(rig.outside)
    (failure,) = await rig.stage_out("tree", rig.home / "tree")
    assert "tree/below" in failure
    assert tree_of(rig.outside) == before


async def test_nothing_is_fetched_to_headways_own(tmp_path: Path) -> None:
    rig = Rig(tmp_path, roots=[Path("/")])
    place = await rig.make()
    other = await rig.make(tag=tag_of(job_id(2), 1))
    (place / "data").mkdir()
    (place / "data/file").write_bytes(b"mine")
    before = tree_of(rig.data), tree_of(other)
    for target in (rig.data / "file", rig.data / "new/file", other / "file", rig.data):
        assert len(await rig.stage_out("data/file", target)) == 1
    assert len(await rig.stage_out("data", rig.data / "new")) == 1
    assert len(await rig.stage_out(".", tmp_path)) == 1  # which has "data" in it
    assert (tree_of(rig.data), tree_of(other)) == before


async def test_a_job_cannot_have_fetched_what_is_outside_of_its_sandbox(either: Rig) -> None:
    rig = either
    place = await rig.make()
    (place / "link").symlink_to(rig.outside / "file")
    (place / "directory").symlink_to(rig.outside)
    (place / "up").symlink_to("../..")
    for source in ("link", "directory", "directory/file", "up/outside/file"):
        (failure,) = await rig.stage_out(source, rig.home / "out")
        assert source.split("/")[0] in failure
    assert tree_of(rig.home) == {}


async def test_a_job_that_moved_its_sandbox_away_gets_nothing_fetched(rig: Rig) -> None:
    place = await rig.make()
    place.rename(rig.sandboxes / "moved")
    place.symlink_to(rig.outside)
    (failure,) = await rig.stage_out("file", rig.home / "out")
    assert "something else is in its place" in failure
    assert tree_of(rig.home) == {}
    with pytest.raises(StagingFailed, match="something else is in its place"):
        await rig.make()
    await rig.files.delete(rig.tag)
    assert (rig.outside / "file").read_bytes() == SECRET


async def test_without_allowed_roots_a_message_says_how_to_allow_some(tmp_path: Path) -> None:
    rig = Rig(tmp_path, roots=[])
    sandbox = Sandbox(stage_in=(Transfer(source=str(rig.home / "a"), target="a"),))
    with pytest.raises(InvalidRequest, match="--stage-root") as caught:
        rig.files.check(sandbox, owner=OWNER)
    assert caught.value.field == "stage_in"
    rig.files.check(Sandbox(), owner=OWNER)
    await refused(rig, rig.home / "a")


async def test_a_user_may_use_their_own_roots_only(tmp_path: Path) -> None:
    homes = {name: tmp_path / name for name in ("ada", "bob")}
    for home in homes.values():
        home.mkdir()
        (home / "file").write_bytes(b"")
    files = make_files(
        root=tmp_path / "sandboxes",
        roots_for=lambda owner: [homes[owner]],
        forbidden=[],
        own_uid=os.geteuid(),
    )
    for owner, whose in (("ada", "bob"), ("bob", "ada")):
        transfer = Transfer(source=str(homes[whose] / "file"), target="a")
        with pytest.raises(InvalidRequest, match=str(homes[owner])):
            files.check(Sandbox(stage_in=(transfer,)), owner=owner)


@pytest.mark.parametrize("path", ["a\0b", "\ud800", "/" + "a" * 5000])
async def test_a_text_that_can_be_no_path_is_refused(rig: Rig, path: str) -> None:
    for sandbox in (
        Sandbox(stage_in=(Transfer(source=f"{rig.home}/{path}", target="a"),)),
        Sandbox(stage_in=(Transfer(source=f"{rig.home}/a", target=path),)),
        Sandbox(stdout=f"{rig.home}/{path}"),
    ):
        with pytest.raises(InvalidRequest):
            rig.files.check(sandbox, owner=OWNER)


async def test_a_root_may_be_reached_by_a_link_of_ours_but_by_nobody_elses(tmp_path: Path) -> None:
    real = tmp_path / "real"
    real.mkdir()
    (real / "file").write_bytes(b"ours")
    (tmp_path / "one").symlink_to("./../" + tmp_path.name + "/two")
    (tmp_path / "two").symlink_to(real)
    rig = Rig(tmp_path, roots=[tmp_path / "one"])
    place = await rig.stage_in(tmp_path / "one/file", "in")
    assert (place / "in").read_bytes() == b"ours"
    await rig.files.delete(rig.tag)
    if os.geteuid() != 0:
        pytest.skip("needs root: to make a link somebody else's")
    os.lchown(tmp_path / "two", 12345, 12345)
    assert "somebody else's" in await refused(rig, tmp_path / "one/file")
