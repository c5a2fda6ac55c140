"""The demonstration: it ends as it should, and leaves nothing behind."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import pytest
from tests.e2e.conftest import Until
from tests.processes import ending


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Where the demonstration keeps what it keeps; every process of it has this in its environment."""
    for name in ("tmp", "run", "home"):
        (tmp_path / name).mkdir(mode=0o700)
    return tmp_path


@pytest.fixture
def demo(place: Path) -> Iterator[Sequence[str]]:
    yield [sys.executable, "-m", "headway", "demo", "--port", "0"]
    for pid in left_behind(place):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def environment(place: Path) -> dict[str, str]:
    return {
        "HOME": str(place / "home"),
        "LANG": "C.UTF-8",
        "PATH": os.defpath,
        "HEADWAY_TOKEN": "hw_of_some_other_server",
        "TMPDIR": str(place / "tmp"),
        "XDG_RUNTIME_DIR": str(place / "run"),
    }


def left_behind(place: Path) -> list[int]:
    """Give the processes that were started below a place: it is in their environment or in their command."""
    mine = str(place).encode()
    found = []
    for process in Path("/proc").iterdir():
        with suppress(OSError):
            known = (process / "environ").read_bytes() + (process / "cmdline").read_bytes()
            if process.name.isdigit() and mine in known and int(process.name) != os.getpid():
                found.append(int(process.name))
    return found


def test_the_demonstration_ends_as_it_should_and_leaves_nothing(
    place: Path, demo: Sequence[str], until: Until
) -> None:
    done = subprocess.run(
        [*demo, "--exit"],
        env=environment(place),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("  as it should ") == 7
    # Without a command called headway, what is shown can be typed all the same.
    assert f"  then  {sys.executable} -m headway kill " in done.stdout
    until(lambda: not left_behind(place))
    assert [path for path in place.rglob("*") if not path.is_dir()] == []
    assert list((place / "tmp").iterdir()) == []


@pytest.mark.parametrize("after", ["Headway serves", "tiles-5:"])
def test_ctrl_c_cancels_what_was_started_and_leaves_nothing(
    place: Path, demo: Sequence[str], until: Until, after: str
) -> None:
    # In a session of its own, so that Ctrl-C reaches the whole group as in a terminal.
    with ending(
        subprocess.Popen(
            demo,
            env=environment(place),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert any(line.startswith(after) for line in iter(process.stdout.readline, ""))
        os.killpg(process.pid, signal.SIGINT)
        rest, complaints = process.stdout.read(), process.stderr.read()
        process.wait(60)
    assert (process.returncode, complaints) == (0, "")
    assert after != "tiles-5:" or "Cancelling what still runs" in rest
    assert rest.endswith("its jobs have ended, its server too; its data is removed.\n")
    until(lambda: not left_behind(place))
    assert list((place / "tmp").iterdir()) == []
