"""The built page: small on first load, and in every wheel."""

import gzip
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
STATIC = ROOT / "src/headway/web/static"
LARGEST_BYTES = 60_000


def first_load() -> list[Path]:
    """Give the scripts that the page loads before it shows anything: those it names, and what these import at once."""
    html = (STATIC / "index.html").read_text()
    wanted = [STATIC / name for name in re.findall(r'(?:src|href)="\./(assets/[^"]+\.js)"', html)]
    for script in wanted:
        for name in re.findall(r'(?:from|import)\s*"\./([^"]+\.js)"', script.read_text()):
            if script.parent / name not in wanted:
                wanted.append(script.parent / name)
    return wanted


def test_the_scripts_of_the_first_load_are_small() -> None:
    scripts = first_load()
    assert scripts
    sizes = {script.name: len(gzip.compress(script.read_bytes())) for script in scripts}
    assert sum(sizes.values()) <= LARGEST_BYTES, sizes


def test_the_page_loads_nothing_from_elsewhere_and_has_no_script_or_style_inside() -> None:
    html = (STATIC / "index.html").read_text()
    assert not re.search(r'(?:src|href)="(?!\./)', html)
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=", html)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    place = tmp_path_factory.mktemp("wheel")
    words = [
        sys.executable,
        "-m",
        "hatchling",
        "build",
        "--target",
        "wheel",
        "--directory",
        str(place),
    ]
    subprocess.run(words, cwd=ROOT, check=True, capture_output=True)
    (built,) = place.glob("*.whl")
    return zipfile.ZipFile(built)


def test_the_page_is_in_the_wheel(wheel: zipfile.ZipFile) -> None:
    names = set(wheel.namelist())
    parts = {f"headway/web/static/{each.relative_to(STATIC)}" for each in first_load()}
    assert {"headway/web/static/index.html", *parts} <= names


def test_no_source_of_the_page_is_in_the_wheel(wheel: zipfile.ZipFile) -> None:
    assert not [name for name in wheel.namelist() if name.endswith((".ts", ".tsx"))]
