"""The file by which the command line finds the server."""

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from tests.processes import ending

from headway.app.announce import Announcement, announce, own_users_address, withdraw
from headway.app.options import ServeOptions
from headway.testing.server import end_helpers

HERE = Announcement(url="http://127.0.0.1:9998", pid=42, data="/d", started="2026-01-01T00:00:00Z")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "headway" / "server.json"


def test_the_address_is_written_for_its_owner_alone(path: Path) -> None:
    announce(path, HERE)
    assert msgspec.json.decode(path.read_bytes(), type=Announcement) == HERE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_what_others_put_in_the_way_is_not_written_to(path: Path, tmp_path: Path) -> None:
    path.parent.mkdir()
    victim = tmp_path / "victim"
    victim.write_text("mine")
    trap = path.with_name(f".{path.name}.{HERE.pid}")
    trap.hardlink_to(victim)
    announce(path, HERE)
    assert victim.read_text() == "mine"
    assert msgspec.json.decode(path.read_bytes(), type=Announcement) == HERE


def test_a_file_that_cannot_take_its_place_is_not_left_behind(path: Path) -> None:
    path.mkdir(parents=True)
    (path / "full").touch()
    with pytest.raises(OSError, match="irectory"):
        announce(path, HERE)
    assert list(path.parent.iterdir()) == [path]


def test_another_servers_word_is_not_withdrawn(path: Path) -> None:
    announce(path, HERE)
    withdraw(path, pid=7)
    assert path.exists()
    withdraw(path, pid=HERE.pid)
    assert not path.exists()


@pytest.mark.parametrize(
    ("host", "cert", "told"),
    [
        ("0.0.0.0", None, "http://127.0.0.1:7"),
        ("::", None, "http://127.0.0.1:7"),
        ("0.0.0.0", Path("c"), "https://login1.example.org:7"),
        ("login1.example.org", None, "http://login1.example.org:7"),
    ],
)
def test_a_server_on_all_addresses_is_found_at_one_where_its_user_is_known(
    tmp_path: Path, host: str, cert: Path | None, told: str
) -> None:
    options = ServeOptions(data=tmp_path, host=host, port=7, cert=cert)
    url = f"{'http' if cert is None else 'https'}://login1.example.org:7"
    assert own_users_address(options, url) == told


def test_a_server_whose_user_has_no_place_for_the_file_says_so_and_serves(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.write_text("no directory")
    command = [sys.executable, "-m", "headway", "serve", "--no-detect", "--port", "0", "--data"]
    with ending(
        subprocess.Popen(
            [*command, str(tmp_path / "data")],
            env={"HOME": str(home), "PATH": os.defpath},
            stderr=subprocess.PIPE,
            text=True,
        )
    ) as server:
        assert server.stderr is not None
        told = []
        for line in server.stderr:
            told.append(line)
            if " serving http" in line:
                break
        server.send_signal(signal.SIGTERM)
        rest = server.stderr.read()
        assert server.wait(60) == 0
    end_helpers(tmp_path / "data")
    [warned] = [line for line in told if "cannot be written" in line]
    assert "server.json" in warned
    assert "--url" in warned
    assert "Traceback" not in rest


def test_a_server_that_was_announced_before_and_still_runs_is_found_again(path: Path) -> None:
    older = msgspec.structs.replace(HERE, pid=os.getppid(), url="http://127.0.0.1:1")
    announce(path, older)
    before = announce(path, HERE)
    assert before == older
    withdraw(path, pid=HERE.pid, before=before)
    assert msgspec.json.decode(path.read_bytes(), type=Announcement) == older


def test_a_server_that_was_announced_before_and_ended_is_not(path: Path) -> None:
    ended = subprocess.Popen(["true"])
    older = msgspec.structs.replace(HERE, pid=ended.pid)
    assert ended.wait() == 0
    announce(path, older)
    assert announce(path, HERE) is None
    withdraw(path, pid=HERE.pid, before=older)
    assert not path.exists()
