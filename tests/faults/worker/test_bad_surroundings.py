"""Names that never resolve, full disks, no threads, sudden ends: a job goes on."""

import json
import socket
import subprocess
import sys
from contextlib import ExitStack

import pytest
from tests.faults.worker.conftest import ENOUGH_S, FAULTS, BadServer, Place
from tests.processes import ending

BODY = """
from headway_worker import counters, progress, status
counters({"a": 1})
print(sum(n for n in progress(range(1000), desc="loop")))
raise SystemExit(7)
"""
REFUSING = "http://127.0.0.1:1"

BEFORE = {
    "a name that takes forever": (
        "import socket, threading\nsocket.getaddrinfo = lambda *a, **k: threading.Event().wait()\n"
    ),
    "a name that is not known": (
        "import socket\n"
        "def unknown(*a, **k): raise socket.gaierror(-2, 'Name or service not known')\n"
        "socket.getaddrinfo = unknown\n"
    ),
    "no more threads": (
        "import threading\n"
        'def none(self): raise RuntimeError("can\'t start new thread")\n'
        "threading.Thread.start = none\n"
    ),
    "no more files": (
        "import resource, headway_worker\nresource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))\n"
    ),
    "no room in files": ("import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))\n"),
    "no stderr": "import os, sys, headway_worker\nos.close(2)\nsys.stderr = None\n",
    "a strange environment": (
        "import os\nos.environ.update(SLURM_PROCID='x', HEADWAY_WORKER='\\udc80', http_proxy=':::')\n"
    ),
}


@pytest.mark.parametrize("before", BEFORE.values(), ids=list(BEFORE))
@pytest.mark.parametrize("url", [REFUSING, "http://headway.invalid:9998"])
def test_a_job_ends_as_it_does_without_a_server(place: Place, before: str, url: str) -> None:
    ended = place.python(before + BODY, url)
    assert (ended.returncode, ended.stdout, ended.stderr) == (7, b"499500\n", b"")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "nonsense",
        "ftp://host",
        "http://",
        "http://[::1",
        "http://h:x",
        "http:// /",
        "\0"[:0] + "//",
    ],
)
def test_an_address_that_is_none_is_as_good_as_none(place: Place, url: str) -> None:
    ended = place.call([sys.executable, "-c", BODY], None, HEADWAY_URL=url, HEADWAY_JOB_ID="j")
    assert (ended.returncode, ended.stdout, ended.stderr) == (7, b"499500\n", b"")


def test_while_a_name_takes_forever_the_spool_is_kept(place: Place) -> None:
    place.python(BEFORE["a name that takes forever"] + BODY, "http://headway.invalid:9998")
    line = json.loads(place.spooled().splitlines()[-1])
    assert line["body"]["workers"][0]["current"] == 1000


def test_a_hanging_server_gets_one_connection_at_a_time(place: Place) -> None:
    (hangs,) = [fault for fault in FAULTS if fault.name == "hangs"]
    text = (
        "import time\nfrom headway_worker import progress\nend = time.monotonic() + 8\n"
        "for n in progress(iter(lambda: time.monotonic() < end, False)): pass"
    )
    with BadServer(hangs) as server:
        ended = place.python(text, server.url)
    assert ended.returncode == 0
    assert (
        server.request_count <= 3
    )  # at 0 s, after 2 s and 4 s more: 2 s each, and a longer pause each time


def test_a_full_disk_under_the_spool_changes_nothing(place: Place) -> None:
    text = "import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, (300, 300))\n" + BODY
    ended = place.python(text, REFUSING)
    assert (ended.returncode, ended.stdout) == (7, b"499500\n")
    assert place.spooled() == b"" or place.spooled().endswith(b"}\n")


def test_a_job_that_is_killed_leaves_whole_lines_only(place: Place) -> None:
    text = (
        "import os, signal\nfrom headway_worker import flush, progress, status\n"
        "for n in progress(range(200)):\n    status(str(n)); flush()\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    assert place.python(text, REFUSING).returncode == -9
    assert all(json.loads(line) for line in place.spooled().splitlines())


@pytest.mark.parametrize("name", ["hangs", "drips-its-body", "answers-500"])
def test_a_run_killed_by_its_scheduler_takes_the_command_along(place: Place, name: str) -> None:
    (fault,) = [fault for fault in FAULTS if fault.name == name]
    script = "echo ready; exec sleep 600"
    with (
        BadServer(fault) as server,
        ending(
            subprocess.Popen(
                [sys.executable, "headway_worker.py", "run", "--", "sh", "-c", script],
                env={**place.environment, "HEADWAY_URL": server.url},
                cwd=place.directory,
                stdout=subprocess.PIPE,
            )
        ) as child,
    ):
        assert child.stdout is not None
        assert child.stdout.readline() == b"ready\n"
        child.terminate()
        assert child.wait(ENOUGH_S) == 128 + 15


def test_a_server_on_the_far_side_of_a_black_hole_is_given_up(place: Place) -> None:
    # A listener whose queue is full answers no SYN: connecting hangs as it does behind a dropping firewall.
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener, ExitStack() as stack:
        address = listener.getsockname()
        for _ in range(4):
            filler = stack.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(address)
        ended = place.python(BODY, f"http://127.0.0.1:{address[1]}")
    assert (ended.returncode, ended.stdout) == (7, b"499500\n")
    assert b'"current":1000' in place.spooled()
