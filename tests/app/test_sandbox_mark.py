"""Whose sandboxes are whose."""

from pathlib import Path

from headway.app.wiring import sandbox_mark


def test_a_servers_sandboxes_are_not_taken_for_those_of_another_or_of_a_copy(
    tmp_path: Path,
) -> None:
    here = sandbox_mark(b"secret", tmp_path)
    assert here.isalnum()
    assert len(here) == 8
    assert here not in {
        sandbox_mark(b"secret", tmp_path / "copy"),
        sandbox_mark(b"other", tmp_path),
    }


def test_a_server_knows_its_sandboxes_again_however_its_directory_is_called(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "link").symlink_to("data")
    assert sandbox_mark(b"secret", tmp_path / "data") == sandbox_mark(b"secret", tmp_path / "link")
