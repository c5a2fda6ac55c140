"""The command line where it needs more than a pipe: a terminal, another user, another address."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import pytest
import requests
from tests.e2e.conftest import environment_of
from tests.processes import ending

from headway.sdk.client import Client
from headway.testing.server import ServerProcess

Terminal = Callable[[str], "subprocess.Popen[bytes]"]

_NOT_ROOT: Final = os.geteuid() != 0
_ADDRESS: Final = "192.0.2.7"
#: A network of its own, where the machine has one more address; its processes go on under the same id.
_NETWORK: Final = (
    *("unshare", "--net", "sh", "-euc"),
    f'ip link set lo up; ip address add {_ADDRESS}/24 dev lo; exec "$@"',
    "sh",
)


@pytest.fixture
def terminal(user: Mapping[str, str]) -> Iterator[Terminal]:
    """Start a command on a terminal; what is written to its stdin is typed there, what it shows comes out."""
    with ExitStack() as stack:

        def start(command: str) -> "subprocess.Popen[bytes]":
            process = subprocess.Popen(
                ["script", "--quiet", "--return", "--command", command, "/dev/null"],
                env=dict(user),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
            )
            return stack.enter_context(ending(process))

        yield start


@pytest.mark.service("script")
def test_watch_moves_bars_on_a_terminal_until_the_job_has_ended(
    shared: ServerProcess, client: Client, terminal: Terminal
) -> None:
    def update(current: int) -> None:
        address = f"{shared.url}/progress/update?jobid=seen&workid=w1&current={current}&total=4"
        assert requests.get(address, timeout=60).text == "OK"

    update(1)
    [job] = client.jobs(name="seen")
    process = terminal(f"headway watch {job.number}")
    shown = _read_until(process, b"25 %")
    update(3)
    shown += _read_until(process, b"75 %")
    update(4)
    rest, _ = process.communicate(timeout=120)
    assert process.returncode == 0
    assert b"\x1b[?25l" in shown, "the cursor is hidden"
    assert b"\x1b[?25h" in rest, "the cursor is back"
    assert b"100 %" in rest


@pytest.mark.service("script")
def test_ctrl_c_on_a_terminal_ends_the_watching_and_not_the_job(
    client: Client, terminal: Terminal, tmp_path: Path
) -> None:
    job = client.submit(["sleep", "600"], directory=str(tmp_path))
    process = terminal(f"headway watch {job.number}")
    shown = _read_until(process, b"running")
    assert process.stdin is not None
    process.stdin.write(b"\x03")
    process.stdin.flush()
    rest, _ = process.communicate(timeout=120)
    assert process.returncode == 130
    assert b"\x1b[?25h" in shown + rest
    assert client.job(job.id).state == "running"
    client.cancel(job.id)


def _read_until(process: "subprocess.Popen[bytes]", wanted: bytes) -> bytes:
    assert process.stdout is not None
    shown = b""
    while wanted not in shown:
        part = os.read(process.stdout.fileno(), 65536)
        assert part, f"it ended before it showed {wanted!r}: {shown!r}"
        shown += part
    return shown


def headway(server: ServerProcess, *args: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "headway", *args],
        env=dict(environment_of(server)),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def curl(prefix: tuple[str, ...], *args: str) -> tuple[int, str]:
    """Ask as somebody else, or from elsewhere; gives the status and the body."""
    done = subprocess.run(
        [*prefix, "curl", "-sS", "--max-time", "20", "-w", "\n%{http_code}", *args],
        env={"PATH": "/usr/bin:/bin:/usr/sbin:/sbin"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    body, _, status = done.stdout.rpartition("\n")
    return int(status), body


def bearer(token: str) -> tuple[str, str]:
    return "-H", f"Authorization: Bearer {token}"


@pytest.mark.service("curl", "setpriv")
@pytest.mark.skipif(_NOT_ROOT, reason="needs root: to be another user")
def test_another_user_of_the_machine_needs_a_token(shared: ServerProcess) -> None:
    nobody = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
    jobs = f"{shared.url}/api/v1/jobs"
    submit = ("-H", "Content-Type: application/json", "-d", '{"command": ["true"]}', jobs)
    reader, runner = (
        headway(shared, "token", "new", "--scope", scope, "--user", "nobody").stdout.strip()
        for scope in ("read", "run")
    )
    assert curl(nobody, jobs)[0] == 401
    assert curl(nobody, *submit)[0] == 401
    assert curl(nobody, *bearer(reader), jobs)[0] == 200
    assert curl(nobody, *bearer(reader), *submit)[0] == 403
    status, body = curl(nobody, *bearer(runner), *submit)
    assert (status, json.loads(body)["owner"]) == (201, "nobody")


def test_an_address_that_others_reach_is_refused_while_there_is_no_token(
    server: ServerProcess,
) -> None:
    server.stop()
    refused = headway(
        server, "serve", "--host", "0.0.0.0", "--port", "0", "--data", str(server.data)
    )
    assert refused.returncode == 2
    assert "headway token new" in refused.stderr


@pytest.fixture
def in_a_network(server: ServerProcess) -> Iterator[tuple[ServerProcess, str, str]]:
    """A server on all addresses of a network of its own, its port, and a token."""
    token = headway(server, "token", "new", "--scope", "run").stdout.strip()
    server.stop()
    program = (*_NETWORK, sys.executable, "-m", "headway", "serve")
    with ServerProcess(server.data, arguments=("--host", "0.0.0.0"), program=program) as inside:
        yield inside, inside.start().url.rpartition(":")[2], token
        inside.stop()


@pytest.mark.service("curl", "unshare", "nsenter", "ip")
@pytest.mark.skipif(_NOT_ROOT, reason="needs root: to make a network")
def test_from_elsewhere_nobody_gets_in_without_a_token(
    in_a_network: tuple[ServerProcess, str, str],
) -> None:
    server, port, token = in_a_network
    there = ("nsenter", "--target", str(server.pid), "--net")
    elsewhere = f"http://{_ADDRESS}:{port}"
    assert curl(there, f"{elsewhere}/api/v1/jobs")[0] == 401
    assert curl(there, f"{elsewhere}/progress/update?jobid=x&workid=1&current=1")[0] == 401
    assert curl(there, *bearer(token), f"{elsewhere}/api/v1/jobs")[0] == 200
    assert curl(there, f"http://127.0.0.1:{port}/api/v1/jobs")[0] == 200
    assert curl(there, "-H", "Host: evil.example", f"http://127.0.0.1:{port}/")[0] == 421
    # Who may create a job makes one by a report too.
    unknown = f"{elsewhere}/progress/update?jobid=unknown&workid=1&current=1"
    assert curl(there, *bearer(token), unknown) == (200, "OK")
    # The key in the address that create gives lets a worker report from anywhere, and nothing else.
    create = f"{elsewhere}/progress/create?jobid=x"
    told = json.loads(curl(there, *bearer(token), "-H", "Accept: application/json", create)[1])
    key = re.search(r"k=[^&]+", told["update_url"])
    assert key is not None
    assert curl(there, f"{elsewhere}/progress/update?jobid=x&workid=1&current=1&{key[0]}") == (
        200,
        "OK",
    )
    assert curl(there, f"{elsewhere}/progress/update?jobid=x&workid=1&current=1&k=no")[0] == 403
