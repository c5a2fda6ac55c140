import json
import os
from pathlib import Path

import pytest

from headway.core.errors import Forbidden, InvalidRequest, ServerUnreachable
from headway.sdk.discovery import find_server

URL = "http://127.0.0.1:12345"


def announce(home: Path, *, pid: int | None = None, mode: int = 0o600, data: object = None) -> Path:
    path = home / ".local" / "state" / "headway" / "server.json"
    path.parent.mkdir(parents=True)
    told = {"url": URL, "pid": os.getpid() if pid is None else pid}
    path.write_text(json.dumps(told if data is None else {**told, "data": data}))
    path.chmod(mode)
    return path


def test_what_the_caller_says_comes_first(tmp_path: Path) -> None:
    announce(tmp_path)
    found = find_server(url="http://a", environment={"HOME": str(tmp_path), "HEADWAY_URL": "b"})
    assert (found.url, found.told_by) == ("http://a", "--url")


def test_the_environment_comes_before_the_own_server(tmp_path: Path) -> None:
    announce(tmp_path)
    found = find_server(environment={"HOME": str(tmp_path), "HEADWAY_URL": "http://b"})
    assert (found.url, found.told_by) == ("http://b", "HEADWAY_URL")


def test_the_own_server_is_found_by_its_file(tmp_path: Path) -> None:
    path = announce(tmp_path)
    found = find_server(environment={"HOME": str(tmp_path)})
    assert (found.url, found.told_by, found.token) == (URL, str(path), None)


@pytest.mark.parametrize(
    ("data", "spool"), [("/var/a b", "/var/a b/spool"), (None, None), (7, None)]
)
def test_the_own_servers_spool_is_known_where_it_says_where_its_data_is(
    tmp_path: Path, data: object, spool: str | None
) -> None:
    announce(tmp_path, data=data)
    assert find_server(environment={"HOME": str(tmp_path)}).spool == spool
    assert find_server(url="http://a", environment={"HOME": str(tmp_path)}).spool is None


@pytest.mark.parametrize("variable", ["XDG_RUNTIME_DIR", "XDG_STATE_HOME"])
def test_the_file_is_looked_for_where_the_desktop_says(tmp_path: Path, variable: str) -> None:
    place = announce(tmp_path).parents[1]
    assert find_server(environment={variable: str(place), "HOME": "/nowhere"}).url == URL


def test_without_any_word_of_a_server_none_is_guessed(tmp_path: Path) -> None:
    with pytest.raises(ServerUnreachable, match="headway serve"):
        find_server(environment={"HOME": str(tmp_path)})


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_file_that_others_can_touch_is_refused(tmp_path: Path, mode: int) -> None:
    announce(tmp_path, mode=mode)
    with pytest.raises(Forbidden, match="chmod 600"):
        find_server(environment={"HOME": str(tmp_path)})


def test_a_link_to_a_file_is_refused(tmp_path: Path) -> None:
    path = announce(tmp_path)
    path.rename(path.with_name("other.json"))
    path.symlink_to("other.json")
    with pytest.raises(Forbidden, match="cannot be read"):
        find_server(environment={"HOME": str(tmp_path)})


def test_a_pipe_in_its_place_is_refused_and_does_not_hang(tmp_path: Path) -> None:
    path = announce(tmp_path)
    path.unlink()
    os.mkfifo(path, 0o600)
    with pytest.raises(Forbidden, match="not a file of your own"):
        find_server(environment={"HOME": str(tmp_path)})


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root: only root can give a file away")
def test_a_file_of_another_user_is_refused(tmp_path: Path) -> None:
    os.chown(announce(tmp_path), 12345, 12345)
    with pytest.raises(Forbidden, match="not a file of your own"):
        find_server(environment={"HOME": str(tmp_path)})


def test_a_server_that_has_ended_is_not_asked(tmp_path: Path) -> None:
    announce(tmp_path, pid=2**22 + 1)
    with pytest.raises(ServerUnreachable, match="has ended"):
        find_server(environment={"HOME": str(tmp_path)})


@pytest.mark.parametrize("text", ["", "[]", '{"url": "x"}', '{"url": "x", "pid": "no"}', "\xff"])
def test_a_file_that_says_nothing_is_said_so(tmp_path: Path, text: str) -> None:
    announce(tmp_path).write_text(text, encoding="latin-1")
    with pytest.raises(ServerUnreachable, match="does not say"):
        find_server(environment={"HOME": str(tmp_path)})


def test_a_token_comes_from_the_environment() -> None:
    found = find_server(url="http://a", environment={"HEADWAY_TOKEN": "hw_1\n"})
    assert found.token == "hw_1"


def test_a_token_file_that_is_named_comes_before_the_environment(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text("hw_2\n")
    path.chmod(0o600)
    environment = {"HEADWAY_TOKEN": "hw_1"}
    found = find_server(url="http://a", token_file=str(path), environment=environment)
    assert found.token == "hw_2"


def test_a_token_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text("hw_2\n")
    path.chmod(0o644)
    with pytest.raises(Forbidden, match="open to other users"):
        find_server(url="http://a", environment={"HEADWAY_TOKEN_FILE": str(path)})


def test_a_token_file_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match="there is no token file"):
        find_server(url="http://a", token_file=str(tmp_path / "none"), environment={})
