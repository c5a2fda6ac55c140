"""The examples of the worker's side do what they say."""

import sys
from pathlib import Path

import pytest
from tests.sdk.worker.conftest import Capture, Job

EXAMPLES = Path(__file__).parents[3] / "examples"


def test_the_loop_example_shows_a_bar_a_counter_and_a_status(job: Job, server: Capture) -> None:
    ended = job.call([sys.executable, str(EXAMPLES / "worker_loop.py")])
    assert (ended.returncode, ended.stdout) == (0, b"99\n")
    assert (server.last("main")["current"], server.last("main")["total"]) == (100, 100)
    assert server.reports()[-1]["counters"] == {"peaks": 99}
    assert server.reports()[-1]["status_text"] == "done"


def test_the_context_example_shows_a_problem(job: Job, server: Capture) -> None:
    ended = job.call([sys.executable, str(EXAMPLES / "worker_context.py")])
    assert ended.stdout == b"ended\n"
    assert (server.last("copy")["current"], server.last("copy")["total"]) == (500, 500)
    assert (server.last("check")["ok"], server.last("check")["desc"]) == (False, "2 files differ")


def test_the_context_example_reports_under_a_name(job: Job, server: Capture) -> None:
    job.call([sys.executable, str(EXAMPLES / "worker_context.py"), "myjob123"])
    assert {request.query["jobid"] for request in server.requests} == {"myjob123"}


def test_the_tqdm_example_shows_both_loops(job: Job, server: Capture) -> None:
    ended = job.call([sys.executable, str(EXAMPLES / "tqdm_loop.py")])
    assert b"epochs: 100%" in ended.stderr
    assert (server.last("main")["current"], server.last("main.2")["current"]) == (3, 50)


def test_the_processes_of_the_mpi_example_have_a_bar_each(job: Job, server: Capture) -> None:
    ended = job.call([sys.executable, str(EXAMPLES / "mpi_like.py")])
    assert ended.stdout == b"7350\n"
    assert server.workers() == {"rank0", "rank1", "rank2", "rank3"}
    assert all(server.last(worker)["current"] == 50 for worker in server.workers())


@pytest.mark.service("curl")
def test_the_shell_example_reports_by_curl(job: Job, server: Capture) -> None:
    ended = job.call(["sh", str(EXAMPLES / "shell_curl.sh"), "alice:1+00:00"])
    assert ended.stdout == b"done\n"
    assert server.requests[0].path == "/progress/create"
    assert server.requests[-1].query["current"] == server.requests[-1].query["total"] == "5"
    assert {request.query["jobid"] for request in server.requests} == {"alice:1+00:00"}
