"""Configuration files of joblauncher and osmium read as ours."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from headway.cli.configuration import configuration_of, read_configuration
from headway.cli.joblauncher_file import imported, read_joblauncher_file
from headway.core.errors import InvalidRequest
from headway.testing.server import running_server

OCTOPUS = """
octopus:
  scheduler: "local:///"
  queue: multi
  sandboxRoot: "file:///tmp/"
  preferences:
    octopus.adaptors.local.queue.multi.maxConcurrentJobs: 4
  poll:
    interval: 500
    cancelTimeout: 7200000
    deleteTimeout: 43200000
macs:
- id: eyJzYWx0IjogIjU
  key: _B1YfcqEYpZxyTx_-411-QdBOSI=
  scope: http://localhost:6543
http:
  port: 9998
  adminPort: 9998
  bindHost: localhost
"""
XENON = """
xenon:
  scheduler:
    scheme: local
    location: null
    queue: single
    properties:
      xenon.adaptors.local.queue.pollingDelay: 500
  sandbox:
    scheme: file
    location: /
    path: /scratch/sandboxes
    properties: {}
  preferences: {}
  poll: {}
macs:
- id: a
  key: b
  scope: https://receiver.example.org
  algorithm: hmac-sha-256
httpClient:
  timeout: 500ms
useInsecureSSL: true
http:
  port: 9998
  adminPort: 9999
  bindHost: localhost
  rootPath: /osmium
logging:
  level: WARN
"""


def read(text: str) -> tuple[dict[str, Any], dict[str, str]]:
    found = imported(msgspec.yaml.decode(text))
    return dict(found.tables), {remark.key: remark.words for remark in found.remarks}


def test_a_file_of_joblauncher_is_read() -> None:
    tables, remarks = read(OCTOPUS)
    assert tables == {
        "server": {"jobs_at_once": 4, "keep_jobs": 43200.0, "host": "localhost", "port": 9998},
        "sandbox": {"root": "/tmp"},
        "joblauncher": {"run_limit": 7200.0},
        "callbacks": {
            "mac": [
                {
                    "id": "eyJzYWx0IjogIjU",
                    "key": "_B1YfcqEYpZxyTx_-411-QdBOSI=",
                    "scope": "http://localhost:6543",
                }
            ]
        },
    }
    assert list(remarks) == ["octopus.poll.interval"]


def test_a_file_of_osmium_is_read() -> None:
    tables, remarks = read(XENON)
    assert tables == {
        "server": {
            "jobs_at_once": 1,
            "host": "localhost",
            "port": 9998,
            "log_level": "warning",
        },
        "sandbox": {"root": "/scratch/sandboxes"},
        "joblauncher": {"run_limit": 3600.0},
        "callbacks": {
            "mac": [
                {
                    "id": "a",
                    "key": "b",
                    "scope": "https://receiver.example.org",
                    "algorithm": "hmac-sha-256",
                }
            ]
        },
    }
    assert set(remarks) == {
        "xenon.scheduler.properties.xenon.adaptors.local.queue.pollingDelay",
        "httpClient.timeout",
        "useInsecureSSL",
        "http.adminPort",
        "http.rootPath",
    }


@pytest.mark.parametrize("text", [OCTOPUS, XENON])
def test_what_comes_of_it_is_a_configuration_of_ours(text: str) -> None:
    tables, _ = read(text)
    said = configuration_of(tables, Path("/etc/joblauncher.yml"))
    assert said.defaults["port"] == 9998
    assert len(said.macs) == 1
    assert said.protocols["joblauncher"]["run_limit_s"] in {3600.0, 7200.0}


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("octopus: {scheduler: 'slurm://cluster'}", "octopus.scheduler"),
        ("octopus: {scheduler: 'ssh://host/'}", "octopus.scheduler"),
        ("xenon: {scheduler: {scheme: ge, location: host}}", "xenon.scheduler.scheme"),
        ("xenon: {scheduler: {scheme: local, location: far.example.org}}", "scheduler.scheme"),
        ("octopus: {queue: unlimited}", "octopus.queue"),
        ("octopus: {sandboxRoot: 'sftp://host/tmp'}", "octopus.sandboxRoot"),
        ("octopus: {sandboxRoot: 'file://host/tmp'}", "octopus.sandboxRoot"),
        ("xenon: {sandbox: {scheme: sftp, path: /tmp}}", "xenon.sandbox.scheme"),
        ("xenon: {}\nanything: {at: {all: 5}}", "anything.at.all"),
        ("xenon: {}\n5: five", "5"),
    ],
)
def test_what_has_no_meaning_here_is_named(text: str, key: str) -> None:
    _, remarks = read(text)
    assert [name for name in remarks if name.endswith(key)], remarks
    assert all(remarks.values())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "joblauncher: {}",
        "octopus: {}\nxenon: {}",
        "octopus: {}\nmacs: 5",
        "octopus: {}\nmacs: [5]",
        "octopus: {}\nmacs: [{id: a, key: b}]",
        "octopus: {poll: {cancelTimeout: soon}}",
        "octopus: {poll: {deleteTimeout: -1}}",
        "octopus: {}\nhttp: {port: true}",
        "octopus: &itself {more: *itself}",
        "octopus: {}\na: &a {x: 1, y: 2}\n"
        + "".join(
            f"b{n}: &b{n} {{x: *{'a' if n == 0 else f'b{n - 1}'}, y: *{'a' if n == 0 else f'b{n - 1}'}}}\n"
            for n in range(8)
        )
        + "".join(f"c{n}: *b7\n" for n in range(9)),
    ],
)
def test_what_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequest):
        read(text)


def test_the_refusal_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "joblauncher.yml"
    for text in ("a: [", "a: 1", "!!python/object/apply:os.system [true]"):
        path.write_text(text)
        with pytest.raises(InvalidRequest, match=r"joblauncher\.yml"):
            read_joblauncher_file(path)


def test_the_command_prints_ours_and_names_the_rest(tmp_path: Path) -> None:
    path = tmp_path / "joblauncher.yml"
    path.write_text(OCTOPUS)
    told = subprocess.run(
        [sys.executable, "-m", "headway", "import", "joblauncher", str(path)],
        capture_output=True,
        text=True,
        check=True,
    )
    ours = tmp_path / "headway.toml"
    ours.write_text(told.stdout)
    assert read_configuration(ours).defaults["jobs_at_once"] == 4
    assert told.stderr.startswith("headway: octopus.poll.interval: nothing is polled")


def test_a_server_starts_with_such_a_file(tmp_path: Path) -> None:
    path = tmp_path / "joblauncher.yml"
    path.write_text(OCTOPUS.replace("/tmp/", f"{tmp_path}/boxes"))
    arguments = ("--joblauncher-config", str(path))
    with running_server(tmp_path / "data", arguments=arguments) as server:
        assert server.url.startswith("http://localhost:")
        assert "octopus.poll.interval" in server.log.read_text()


def test_a_server_that_would_run_jobs_elsewhere_than_before_does_not_start(
    tmp_path: Path,
) -> None:
    path = tmp_path / "joblauncher.yml"
    path.write_text("octopus: {scheduler: 'slurm://cluster'}")
    told = subprocess.run(
        [sys.executable, "-m", "headway", "serve", "--joblauncher-config", str(path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 2
    assert "octopus.scheduler" in told.stderr
