"""All that brings and fetches files passes the one suite."""

import os
from pathlib import Path

import pytest

from headway.core.ports.files import Files
from headway.files import make_files
from headway.testing.fake_files import FakeFiles
from headway.testing.files_suite import FilesSuite, Scene


class InMemory:
    """A scene without a disk."""

    def __init__(self) -> None:
        fake = FakeFiles()
        self.files: Files = fake
        self.root = fake.allowed
        self._disk = fake.disk

    def put(self, path: str, data: bytes) -> None:
        self._disk[path] = data

    def get(self, path: str) -> bytes | None:
        return self._disk.get(path)


class OnDisk:
    """A scene in a directory."""

    def __init__(self, place: Path) -> None:
        home = place / "home"
        home.mkdir()
        self.root = str(home)
        self.files: Files = make_files(
            root=place / "sandboxes",
            roots_for=lambda _: [home],
            forbidden=[],
            own_uid=os.geteuid(),
        )

    def put(self, path: str, data: bytes) -> None:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_bytes(data)

    def get(self, path: str) -> bytes | None:
        file = Path(path)
        return file.read_bytes() if file.is_file() else None


class TestFakeFiles(FilesSuite):
    @pytest.fixture
    def scene(self) -> Scene:
        return InMemory()


class TestLocalFiles(FilesSuite):
    @pytest.fixture
    def scene(self, tmp_path: Path) -> Scene:
        return OnDisk(tmp_path)
