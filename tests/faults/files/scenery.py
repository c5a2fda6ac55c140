"""Files that tell by themselves whether they are whole, and a job that makes some."""

import hashlib
import random
from pathlib import Path
from typing import Final

from tests.files.rig import Rig

from headway.core.model.spec import Sandbox, Transfer

SIZES: Final = (0, 1, 5_000, 70_000, 1_000_000)
NAMES: Final = [
    f"{directory}{number}" for directory in ("", "a/", "a/b/") for number in range(len(SIZES))
]


def whole(size_bytes: int, dice: random.Random) -> bytes:
    """Make a file's bytes, which begin with their own digest."""
    data = dice.randbytes(size_bytes)
    return hashlib.sha256(data).digest() + data


def is_whole(path: Path) -> bool:
    """Tell whether a file has all of its bytes and no others."""
    data = path.read_bytes()
    return hashlib.sha256(data[32:]).digest() == data[:32]


def fill(directory: Path, dice: random.Random) -> None:
    """Write a tree of such files."""
    for number, name in enumerate(NAMES):
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(whole(SIZES[number % len(SIZES)], dice))


def sandbox_of(rig: Rig) -> Sandbox:
    """Say what is brought and what is fetched."""
    home = rig.home
    return Sandbox(
        stage_in=(Transfer(source=str(home / "in"), target="in"),),
        stage_out=(
            Transfer(source="out", target=str(home / "out")),
            Transfer(source="out/a/2", target=str(home / "made/for/it")),
        ),
        stdout=str(home / "log"),
    )
