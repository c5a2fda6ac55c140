"""The walk of joblauncher's README, by its own lines: real curl, the real port 9998, a receiver at port 80.

Server, curl and receiver have a network of their own, so that nobody else's ports matter.
"""

import json
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import pytest

from headway.testing.server import ServerProcess

pytestmark = pytest.mark.service("bash", "curl", "unshare", "nsenter", "ip")

PATIENCE_S: Final = 60.0
POLL_S: Final = 0.02

#: The README's own lines.
MAKE: Final = """
mkdir myjob
cd myjob
echo 'Lorem ipsum' > input_file
echo 'hostname;date;wc -l input_file > output_file' > runme.sh
"""
QUERY: Final = """{
   "jobdir": "<absolute path to myjob directory>/",
   "executable": "/bin/sh",
   "prestaged": ["runme.sh", "input_file"],
   "poststaged": ["output_file"],
   "stderr": "stderr.txt",
   "stdout": "stdout.txt",
   "arguments": ["runme.sh"],
   "status_callback_url": "http://localhost/job/myjob/status"
}
"""
SUBMIT: Final = (
    """curl -H "Content-Type: application/json" -H 'Accept: application/json' """
    "-i -X POST -d @query.json http://localhost:9998/job"
)
STATUS: Final = (
    """curl -H "Content-Type: application/json" -H 'Accept: application/json' """
    "http://localhost:9998/job/bc66cd43-9d16-4270-813f-734e864e3552"
)
CANCEL: Final = (
    """curl -H "Content-Type: application/json" -H 'Accept: application/json' """
    "-X DELETE http://localhost:9998/job/bc66cd43-9d16-4270-813f-734e864e3552"
)
README_ID: Final = "bc66cd43-9d16-4270-813f-734e864e3552"

RECEIVER: Final = """
import http.server, sys
class Receiver(http.server.BaseHTTPRequestHandler):
    def do_PUT(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        with open(sys.argv[1], "ab") as file:
            file.write(b"%s %s %s\\n" % (
                self.path.encode(), self.headers["Content-Type"].replace(" ", "").encode(), body))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()
    def log_message(self, *words):
        pass
server = http.server.HTTPServer(("localhost", 80), Receiver)
open(sys.argv[1], "ab").close()
server.serve_forever()
"""


def eventually(condition: Callable[[], object]) -> None:
    until = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < until, "it did not happen"
        time.sleep(POLL_S)


class Walk:
    """Somebody at a terminal beside the server."""

    def __init__(self, inside: Sequence[str], home: Path) -> None:
        self._inside = inside
        self.jobdir = home / "myjob"
        self.home = home

    def type(self, words: str, *, where: Path) -> str:
        """Type a line into a shell; gives what it printed."""
        done = subprocess.run(
            [*self._inside, "bash", "-ec", words],
            cwd=where,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def make(self, script: str | None = None) -> None:
        """Make the README's directory and request, with another script if one is given."""
        self.type(MAKE, where=self.home)
        if script is not None:
            (self.jobdir / "runme.sh").write_text(script)
        query = QUERY.replace("<absolute path to myjob directory>", str(self.jobdir))
        (self.jobdir / "query.json").write_text(query)

    def submit(self) -> str:
        """Submit it; gives the job's id."""
        answer = self.type(SUBMIT, where=self.jobdir)
        head, _, body = answer.partition("\n\n")
        assert head.startswith("HTTP/1.1 201 Created\n")
        assert body == ""
        headers = {name.lower(): value for name, value in re.findall(r"(?m)^([\w-]+): (.*)$", head)}
        assert headers["content-type"] == "application/json"
        assert headers["content-length"] == "0"
        location: str = headers["location"]
        base, _, job_id = location.rpartition("/")
        assert base == "http://localhost:9998/job"
        return job_id

    def ask(self, job_id: str) -> dict[str, Any]:
        """Ask for it."""
        told: dict[str, Any] = json.loads(
            self.type(STATUS.replace(README_ID, job_id), where=self.jobdir)
        )
        return told

    def until(self, job_id: str, state: str) -> dict[str, Any]:
        """Ask for it until it is in a state."""
        eventually(lambda: self.ask(job_id)["status"]["state"] == state)
        return self.ask(job_id)

    def files(self) -> set[str]:
        return {path.name for path in self.jobdir.iterdir()}


@pytest.fixture
def inside(tmp_path: Path) -> Iterator[Sequence[str]]:
    """What runs a command in a network of its own."""
    ready = tmp_path / "ready"
    command = f"ip link set lo up && echo > {ready} && exec sleep infinity"
    with subprocess.Popen(
        ["unshare", "--map-root-user", "--net", "sh", "-c", command],
        stdin=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as holder:
        try:
            eventually(lambda: ready.exists() or holder.poll() is not None)
            if holder.poll() is not None:
                pytest.skip("needs root, or a kernel that lets users have networks of their own")
            enter = f"nsenter --target {holder.pid} --user --net --preserve-credentials".split()
            yield enter
        finally:
            holder.kill()


@pytest.fixture
def server(inside: Sequence[str], tmp_path: Path) -> Iterator[ServerProcess]:
    program = [*inside, sys.executable, "-m", "headway", "serve", "--no-detect"]
    with ServerProcess(tmp_path / "data", program=program) as server:
        server.start(port=9998)
        yield server


@pytest.fixture
def told(inside: Sequence[str], tmp_path: Path) -> Iterator[Callable[[], list[str]]]:
    """A receiver at port 80; gives the lines that it has got."""
    lines = tmp_path / "told"
    with subprocess.Popen(
        [*inside, sys.executable, "-c", RECEIVER, str(lines)], stdin=subprocess.DEVNULL
    ) as receiver:
        try:
            eventually(lines.exists)
            yield lambda: lines.read_text().splitlines()
        finally:
            receiver.kill()


@pytest.fixture
def walk(inside: Sequence[str], server: ServerProcess, tmp_path: Path) -> Walk:
    assert server.url == "http://127.0.0.1:9998"
    return Walk(inside, tmp_path)


def test_the_readmes_job_is_submitted_asked_for_and_done(
    walk: Walk, told: Callable[[], list[str]]
) -> None:
    walk.make()
    job_id = walk.submit()
    document = walk.until(job_id, "DONE")
    assert document["request"] == json.loads((walk.jobdir / "query.json").read_text())
    assert document["status"] == {
        "state": "DONE",
        "exitCode": 0,
        "exception": None,
        "running": False,
        "done": True,
        "schedulerSpecficInformation": None,
        "schedulerSpecificInformation": None,
    }
    assert (walk.jobdir / "output_file").read_text() == "1 input_file\n"
    hostname, date = (walk.jobdir / "stdout.txt").read_text().splitlines()
    assert hostname
    assert date
    assert (walk.jobdir / "stderr.txt").read_text() == ""
    eventually(lambda: any('"DONE"' in line for line in told()))
    path, kind, body = told()[-1].split(" ", 2)
    assert (path, kind) == ("/job/myjob/status", "application/json;charset=UTF-8")
    assert json.loads(body) == document["status"]


def test_the_readmes_cancel_kills_a_running_job_and_fetches_nothing(
    walk: Walk, told: Callable[[], list[str]]
) -> None:
    walk.make("echo half > output_file; echo up; sleep 600\n")
    job_id = walk.submit()
    running = walk.until(job_id, "RUNNING")["status"]
    assert (running["running"], running["done"], running["exitCode"]) == (True, False, None)
    assert walk.type(CANCEL.replace(README_ID, job_id), where=walk.jobdir) == ""
    assert walk.until(job_id, "KILLED")["status"] == {
        "running": False,
        "done": True,
        "exception": "Process cancelled by user.",
        "schedulerSpecficInformation": None,
        "schedulerSpecificInformation": None,
        "exitCode": None,
        "state": "KILLED",
    }
    assert walk.files() == {"input_file", "runme.sh", "query.json"}
    sandboxes = walk.home / "data" / "sandboxes"
    eventually(lambda: not list(sandboxes.glob("headway_sandbox_*")))
    eventually(lambda: any('"KILLED"' in line for line in told()))
    states = [json.loads(line.split(" ", 2)[2])["state"] for line in told()]
    assert states == sorted(states, key=["PENDING", "RUNNING", "KILLED"].index)


def test_a_job_outlives_its_server(walk: Walk, server: ServerProcess) -> None:
    walk.make("while [ ! -e go ]; do sleep 0.02; done; wc -l input_file > output_file\n")
    job_id = walk.submit()
    walk.until(job_id, "RUNNING")
    server.kill()
    sandbox = next((walk.home / "data" / "sandboxes").glob("headway_sandbox_*"))
    (sandbox / "go").touch()
    server.start(port=9998)
    assert walk.until(job_id, "DONE")["status"]["exitCode"] == 0
    assert (walk.jobdir / "output_file").read_text() == "1 input_file\n"


def test_a_job_that_fails_is_done_with_its_exit_code_and_its_files(walk: Walk) -> None:
    walk.make("echo so far > output_file; echo no >&2; exit 3\n")
    status = walk.until(walk.submit(), "DONE")["status"]
    assert (status["exitCode"], status["exception"]) == (3, None)
    assert (walk.jobdir / "output_file").read_text() == "so far\n"
    assert (walk.jobdir / "stderr.txt").read_text() == "no\n"


def test_a_file_that_a_job_did_not_make_is_named_and_the_rest_is_fetched(walk: Walk) -> None:
    walk.make("echo there > other_file\n")
    query = json.loads((walk.jobdir / "query.json").read_text())
    query["poststaged"] = ["output_file", "other_file"]
    (walk.jobdir / "query.json").write_text(json.dumps(query))
    status = walk.until(walk.submit(), "ERROR")["status"]
    assert "output_file" in status["exception"]
    assert (walk.jobdir / "other_file").read_text() == "there\n"
    assert list((walk.home / "data" / "sandboxes").glob("headway_sandbox_*"))


def test_a_file_that_cannot_be_brought_is_named(walk: Walk, told: Callable[[], list[str]]) -> None:
    walk.make()
    (walk.jobdir / "input_file").unlink()
    status = walk.until(walk.submit(), "ERROR")["status"]
    assert "input_file" in status["exception"]
    assert status["done"]
    eventually(lambda: any('"ERROR"' in line for line in told()))


def test_the_list_has_the_jobs_address(walk: Walk) -> None:
    walk.make()
    job_id = walk.submit()
    listed = walk.type("curl -s http://localhost:9998/job", where=walk.home)
    assert json.loads(listed) == [f"http://localhost:9998/job/{job_id}"]
    walk.until(job_id, "DONE")
