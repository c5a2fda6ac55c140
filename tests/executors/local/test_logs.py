"""Reading and deleting what attempts leave."""

import os
import tracemalloc
from pathlib import Path

import pytest

from headway.core.errors import NotFound
from headway.core.model.names import Tag
from headway.core.ports.executor import Stream
from headway.executors.local import logs

TAG = Tag("01900000-0000-7000-8000-0000000000ab.2")


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    directory = logs.attempt_directory(tmp_path, TAG)
    directory.mkdir(parents=True)
    return directory


def place(data: Path) -> Path:
    return logs.log_file(data, TAG, Stream.STDOUT)


def read(data: Path, offset: int, limit: int) -> tuple[bytes, int]:
    part = logs.read_part(data, TAG, Stream.STDOUT, offset=offset, limit=limit)
    return part.data, part.size


def test_an_attempt_lies_below_its_shard_and_its_logs_beside_it(tmp_path: Path) -> None:
    directory = logs.attempt_directory(tmp_path, TAG).relative_to(tmp_path)
    assert str(directory) == "jobs/ab/01900000-0000-7000-8000-0000000000ab.2"
    assert str(place(tmp_path).relative_to(tmp_path)) == f"{directory}.stdout"


@pytest.mark.parametrize(
    ("offset", "limit", "expected"),
    [
        (0, 100, b"0123456789"),
        (3, 4, b"3456"),
        (8, 100, b"89"),
        (10, 5, b""),
        (99, 5, b""),
        (0, 0, b""),
    ],
)
def test_a_part_is_read_from_its_offset(
    tmp_path: Path, directory: Path, offset: int, limit: int, expected: bytes
) -> None:
    place(tmp_path).write_bytes(b"0123456789")
    assert read(tmp_path, offset, limit) == (expected, 10)


def test_a_log_that_nobody_wrote_yet_is_empty(tmp_path: Path, directory: Path) -> None:
    assert read(tmp_path, 0, 10) == (b"", 0)


def test_a_log_of_an_unknown_attempt_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=TAG):
        read(tmp_path, 0, 10)


@pytest.mark.parametrize("what", ["pipe", "link", "directory"])
def test_what_a_job_puts_in_its_logs_place_is_no_log_and_is_not_waited_for(
    tmp_path: Path, directory: Path, what: str
) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(b"of the server")
    log = place(tmp_path)
    if what == "pipe":
        os.mkfifo(log)
    elif what == "link":
        log.symlink_to(secret)
    else:
        log.mkdir()
    with pytest.raises(NotFound, match="something else"):
        read(tmp_path, 0, 10)


def test_ten_gigabytes_are_read_in_bounded_memory(tmp_path: Path, directory: Path) -> None:
    size = 10 << 30
    with place(tmp_path).open("wb") as file:
        file.truncate(size)
    tracemalloc.start()
    data, told = read(tmp_path, size - (5 << 30), 1 << 40)
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert told == size
    assert 0 < len(data) <= 8 << 20
    assert peak_bytes < 20 << 20


def test_forgetting_deletes_the_attempt(tmp_path: Path, directory: Path) -> None:
    (directory / "work" / "deep").mkdir(parents=True)
    (directory / "work" / "deep" / "file").write_text("x")
    place(tmp_path).write_text("x")
    logs.delete(tmp_path, TAG)
    assert not list(directory.parent.iterdir())


def test_forgetting_deletes_what_a_job_put_in_its_logs_place(
    tmp_path: Path, directory: Path
) -> None:
    (place(tmp_path) / "deep").mkdir(parents=True)
    logs.delete(tmp_path, TAG)
    assert not list(directory.parent.iterdir())


def test_forgetting_leaves_other_attempts(tmp_path: Path, directory: Path) -> None:
    (directory.parent / "1").mkdir()
    logs.delete(tmp_path, TAG)
    assert [each.name for each in directory.parent.iterdir()] == ["1"]


def test_forgetting_follows_no_link_that_a_job_made(tmp_path: Path, directory: Path) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "file").write_text("precious")
    (directory / "link").symlink_to(kept)
    logs.delete(tmp_path, TAG)
    assert (kept / "file").read_text() == "precious"
    directory.symlink_to(kept)
    logs.delete(tmp_path, TAG)
    assert (kept / "file").read_text() == "precious"


def test_forgetting_a_directory_without_rights_works(tmp_path: Path, directory: Path) -> None:
    (directory / "work").mkdir()
    (directory / "work" / "file").write_text("x")
    (directory / "work").chmod(0)
    logs.delete(tmp_path, TAG)
    assert not directory.exists()


def test_forgetting_what_is_not_there_is_no_error(tmp_path: Path) -> None:
    logs.delete(tmp_path, TAG)
