"""The configuration file of a server."""

import tomllib
from pathlib import Path

import httpx
import pytest

from headway.app.options import MacKey
from headway.cli.configuration import configuration_of, exposed_keys, read_configuration
from headway.cli.serve import serve
from headway.cli.toml import toml_of
from headway.core.errors import InvalidRequest
from headway.testing.server import running_server

WHOLE = """
[server]
port = 9998
data = "jobs"
allow_hosts = ["jobs.example.org"]
behind_proxy = false
keep_jobs = "30d"
grace = 2.5

[sandbox]
root = "/scratch/headway"
stage_roots = ["/data", "/home/{user}"]
delete = "on_success"
keep = "1h"

[joblauncher]
strict = true
queue = "short"
run_limit = "02:00:00"

[moi]
redis = "redis://127.0.0.1:6379/0"
user = "alice"

[callbacks]
networks = ["10.0.0.0/8"]

[[callbacks.mac]]
id = "one"
key = "secret"
scope = "http://receiver.example.org"

[[callbacks.mac]]
id = "two"
key = "secret too"
scope = "https://other.example.org:8443"
algorithm = "hmac-sha-256"
"""


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "headway.toml"
    path.write_text(text, "utf-8")
    return path


def test_a_whole_file_is_read(tmp_path: Path) -> None:
    said = read_configuration(written(tmp_path, WHOLE))
    assert said.defaults == {
        "port": 9998,
        "data": str(tmp_path / "jobs"),
        "allow_hosts": ["jobs.example.org"],
        "behind_proxy": False,
        "keep_jobs": "30d",
        "grace": "2.5",
        "sandbox_root": "/scratch/headway",
        "stage_roots": ["/data", "/home/{user}"],
        "callback_networks": ["10.0.0.0/8"],
    }
    assert said.protocols == {
        "joblauncher": {
            "strict": True,
            "queue": "short",
            "run_limit_s": 7200.0,
            "delete": "on_success",
            "keep_s": 3600.0,
        },
        "moi": {"redis": "redis://127.0.0.1:6379/0", "user": "alice"},
    }
    assert said.macs == (
        MacKey(id="one", key="secret", scope="http://receiver.example.org"),
        MacKey(
            id="two",
            key="secret too",
            scope="https://other.example.org:8443",
            algorithm="hmac-sha-256",
        ),
    )


@pytest.mark.parametrize(("mode", "warned"), [(0o600, False), (0o640, True), (0o604, True)])
def test_keys_that_others_can_read_are_warned_of(tmp_path: Path, mode: int, warned: bool) -> None:
    file = written(tmp_path, WHOLE)
    file.chmod(mode)
    assert (f"chmod 600 {file}" in exposed_keys(read_configuration(file))) is warned


def test_a_file_without_keys_may_be_read_by_anybody(tmp_path: Path) -> None:
    file = written(tmp_path, "")
    file.chmod(0o644)
    assert exposed_keys(read_configuration(file)) == ""


def test_an_empty_file_says_nothing(tmp_path: Path) -> None:
    said = read_configuration(written(tmp_path, ""))
    assert (said.defaults, said.macs, said.protocols) == (
        {},
        (),
        {"joblauncher": {}, "moi": {}},
    )


def test_every_key_of_the_server_is_an_option(tmp_path: Path) -> None:
    options = {option.name for option in serve.params}
    assert set(read_configuration(written(tmp_path, WHOLE)).defaults) <= options


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("[server]\nprot = 1", "server"),
        ("[server]\nport = 'x'", "server.port"),
        ("[server]\nallow_hosts = 'x'", "server.allow_hosts"),
        ("[serve]\nport = 1", "at its top: .*serve`$"),
        ("port = 1\ndetect = false", r"`port`; put port, detect below a line \[server\]$"),
        ("[sandbox]\ndelete = 'sometimes'", "sandbox.delete"),
        ("[sandbox]\nkeep = 'soon'", "sandbox.keep"),
        ("[joblauncher]\nrun_limit = true", "joblauncher.run_limit"),
        ("[callbacks]\nmac = [{id = 'x'}]", "callbacks.mac"),
        ("port", "TOML"),
    ],
)
def test_what_cannot_be_used_is_refused_by_its_place(tmp_path: Path, text: str, place: str) -> None:
    with pytest.raises(InvalidRequest, match=place):
        read_configuration(written(tmp_path, text))


def test_a_file_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match="No such file"):
        read_configuration(tmp_path / "absent.toml")
    (tmp_path / "latin.toml").write_bytes(b"# \xe9")
    with pytest.raises(InvalidRequest, match="UTF-8"):
        read_configuration(tmp_path / "latin.toml")
    (tmp_path / "large.toml").write_bytes(b"#" * 2_000_000)
    with pytest.raises(InvalidRequest, match="bytes"):
        read_configuration(tmp_path / "large.toml")


def test_what_is_written_is_read_back() -> None:
    tables: dict[str, dict[str, object]] = {
        "server": {"port": 1, "host": 'a"\\\x7f\né', "behind_proxy": True, "grace": 0.5},
        "sandbox": {"stage_roots": ["/a", "/b"]},
        "callbacks": {"mac": [{"id": "a", "key": "b"}, {"id": "c", "key": "d"}]},
    }
    assert tomllib.loads(toml_of(tables)) == tables


def test_a_relative_path_is_below_the_files_directory() -> None:
    said = configuration_of({"sandbox": {"root": "boxes"}}, Path("/etc/headway/headway.toml"))
    assert said.defaults["sandbox_root"] == "/etc/headway/boxes"


def test_a_server_takes_what_its_file_says_and_an_option_wins(tmp_path: Path) -> None:
    root = tmp_path / "boxes"
    path = written(
        tmp_path,
        f'[server]\nport = 1\njobs_at_once = 3\nhost = "127.0.0.2"\n[sandbox]\nroot = "{root}"\n',
    )
    with running_server(tmp_path / "data", arguments=("--config", str(path))) as server:
        assert server.url.startswith("http://127.0.0.2:")
        assert server.url != "http://127.0.0.2:1"


def test_joblaunchers_own_settings_reach_it(tmp_path: Path) -> None:
    path = written(tmp_path, "[joblauncher]\nstrict = true\n")
    request = {"jobdir": str(tmp_path), "executable": "/bin/true", "prestaged": ["absent"]}
    with running_server(tmp_path / "data", arguments=("--config", str(path))) as server:
        answer = httpx.post(f"{server.url}/job", json=request, trust_env=False, timeout=60)
    assert (answer.status_code, answer.json()["field"]) == (422, "prestaged")
    assert "absent" in answer.json()["detail"]
