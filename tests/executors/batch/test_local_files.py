"""Files of this machine, whole or not there; and where its file system is a network's."""

import os
from pathlib import Path

import pytest

from headway.executors.batch.local_files import write_files, write_new_file
from headway.executors.batch.transport import File


@pytest.mark.parametrize("is_there", [True, False])
def test_a_new_file_whose_answer_was_lost_is_ours_if_it_has_two_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, is_there: bool
) -> None:
    path = tmp_path / "claim"
    if is_there:
        path.write_text("theirs")
    link = os.link

    def twice(source: bytes, target: bytes) -> None:
        """Ask as NFS does when no answer came."""
        link(source, target)
        link(source, target)

    monkeypatch.setattr(os, "link", twice)
    assert write_new_file(File(path=str(path), data=b"ours")) is not is_there
    assert path.read_text() == ("theirs" if is_there else "ours")
    assert [each.name for each in tmp_path.iterdir()] == ["claim"]


@pytest.mark.parametrize("is_lasting", [True, False])
def test_only_what_is_to_last_waits_for_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, is_lasting: bool
) -> None:
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", synced.append)
    file = File(path=f"{tmp_path}/claim", data=b"ours", is_lasting=is_lasting)
    assert write_new_file(file)
    assert not write_new_file(file)
    assert bool(synced) is is_lasting
    assert [each.name for each in tmp_path.iterdir()] == ["claim"]


def test_of_some_files_only_those_that_are_to_last_wait_for_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    monkeypatch.setattr(
        os, "fsync", lambda opened: synced.append(str(Path(f"/proc/self/fd/{opened}").readlink()))
    )
    files = [
        File(path=f"{tmp_path}/a/job", data=b"x"),
        File(path=f"{tmp_path}/b/submitted", data=b"x", is_lasting=False),
    ]
    write_files(files)
    assert synced == [f"{tmp_path}/a/job", f"{tmp_path}/a", str(tmp_path)]
    assert (tmp_path / "b" / "submitted").read_bytes() == b"x"


@pytest.mark.parametrize("is_new", [True, False])
def test_files_that_could_not_all_be_written_leave_nothing_behind(
    tmp_path: Path, *, is_new: bool
) -> None:
    place = tmp_path / "attempt"
    if not is_new:
        place.mkdir()
    files = [File(path=f"{place}/{name}", data=b"x") for name in ("script", "n" * 300)]
    with pytest.raises(OSError, match="too long"):
        write_files(files)
    assert list(place.iterdir()) == []
