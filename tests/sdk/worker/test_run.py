"""``headway run -- CMD``: the command is as it would be without, and the server knows how it went."""

import fcntl
import os
import pty
import signal
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.properties import examples
from tests.sdk.worker.conftest import JOB, TOKEN, Capture, Job, MakeJob

NEW = {"id": "j-1", "report_token": "hwr_new", "links": {"page": "/j/7"}}
BYTES = bytes(range(256)) * 300
TQDM = "from tqdm import tqdm\nfor x in tqdm(range(30), desc='train', mininterval=0): pass"


@pytest.fixture
def alone(job: Job, server: Capture) -> Job:
    """Give a job's place outside any job, with a server that makes jobs."""
    server.answers["/jobs"] = (201, NEW, {})
    del job.environment["HEADWAY_JOB_ID"], job.environment["HEADWAY_REPORT_TOKEN"]
    return job


def test_a_run_makes_a_job_that_reports(alone: Job, server: Capture) -> None:
    alone.headway_run("--name", "n", "--label", "a", "--label", "b", "--", "true", "x y")
    body = server.requests[0].body
    assert server.requests[0].path == "/api/v1/jobs"
    assert (body["kind"], body["name"], body["labels"]) == ("report", "n", ["a", "b"])
    assert body["extra"]["command"] == ["true", "x y"]
    assert server.requests[0].headers["Idempotency-Key"].startswith("run-")


def test_a_run_takes_a_url_without_its_scheme(alone: Job, server: Capture) -> None:
    bare = server.url.partition("://")[2]
    show = ["sh", "-c", "echo $HEADWAY_URL; exit 4"]
    ended = alone.headway_run("--url", bare, "--", *show, environment={"HEADWAY_URL": None})
    assert (ended.returncode, ended.stdout.decode()) == (4, f"{server.url}\n")
    assert server.posted("/finish")[0].body["exit_code"] == 4


def test_a_run_is_named_after_its_script_or_its_program(alone: Job, server: Capture) -> None:
    (alone.directory / "train.py").write_text("")
    alone.headway_run("--", sys.executable, "-B", "train.py", "--lr=1")
    alone.headway_run("--", "/bin/true")
    names = [request.body["name"] for request in server.posted("/jobs")]
    assert names == ["train.py", "true"]


def test_a_users_token_makes_the_job_and_the_jobs_own_reports(alone: Job, server: Capture) -> None:
    alone.headway_run("--", "true", environment={"HEADWAY_TOKEN": "hw_user"})
    tokens = [request.headers.get("Authorization") for request in server.requests]
    assert tokens == ["Bearer hw_user", "Bearer hwr_new"]


@pytest.mark.parametrize(
    ("script", "code", "record"),
    [
        ("exit 0", 0, {"exit_code": 0}),
        ("exit 7", 7, {"exit_code": 7}),
        ("exit 255", 255, {"exit_code": 255}),
        ("kill -TERM $$", 128 + 15, {"signal": 15}),
        ("kill -KILL $$", 128 + 9, {"signal": 9}),
    ],
)
def test_the_end_is_told_as_it_was(
    alone: Job, server: Capture, script: str, code: int, record: dict[str, int]
) -> None:
    ended = alone.headway_run("--", "sh", "-c", script)
    assert ended.returncode == code
    (finish,) = server.posted("/api/v1/jobs/j-1/finish")
    usage = finish.body.pop("usage")
    assert finish.body == record
    assert usage["wall_s"] > 0
    assert usage["cpu_s"] >= 0


def test_the_memory_a_command_used_is_told_where_it_can_be_known(
    alone: Job, server: Capture
) -> None:
    # Through a shell: what is started by this process itself begins with this process's own peak (Linux, execve).
    through = ["sh", "-c", '"$@"; exit $?', "sh", alone.python, "headway_worker.py", "run", "--"]
    alone.call([*through, sys.executable, "-c", "x = b'x' * 100_000_000"])
    alone.call([*through, "true"])
    large, small = [request.body["usage"] for request in server.posted("/finish")]
    assert 100_000_000 < large["max_memory_bytes"] < 300_000_000
    assert "max_memory_bytes" not in small


def test_a_run_says_itself_when_it_has_ended(alone: Job, server: Capture) -> None:
    alone.headway_run("--", "true")
    assert server.requests[0].body["will_finish"] is True


def test_what_the_command_said_itself_is_not_overwritten_by_an_older_line(
    alone: Job, server: Capture
) -> None:
    (alone.directory / "inner.py").write_text(
        "from headway.sdk.bar import tqdm\n"
        "import sys\n"
        "for x in tqdm(range(40), desc='d', mininterval=1e9, leave=False): pass\n"
        "sys.stderr.write('\\r  \\r')\n"
    )
    alone.headway_run("--", sys.executable, "inner.py")
    newest = max(server.worker("main"), key=lambda entry: entry["at"])
    assert newest["current"] == 40


def test_a_command_that_is_not_there_is_127(alone: Job, server: Capture) -> None:
    ended = alone.headway_run("--", "no-such-command")
    assert ended.returncode == 127
    assert b"cannot run no-such-command: No such file or directory" in ended.stderr
    finish = server.posted("/finish")[0].body
    assert finish["exit_code"] == 127
    assert "no-such-command" in finish["message"]


def test_a_command_that_cannot_be_run_is_126(alone: Job, server: Capture) -> None:
    (alone.directory / "text").write_text("no program")
    ended = alone.headway_run("--", "./text")
    assert ended.returncode == 126
    assert server.posted("/finish")[0].body["exit_code"] == 126


def test_a_command_finds_its_job_in_its_environment(alone: Job, server: Capture) -> None:
    ended = alone.headway_run(
        "--", "sh", "-c", "echo $HEADWAY_URL $HEADWAY_JOB_ID $HEADWAY_REPORT_TOKEN"
    )
    assert ended.stdout.decode().split() == [server.url, "j-1", "hwr_new"]


def test_what_the_command_reports_lands_on_the_runs_job(alone: Job, server: Capture) -> None:
    (alone.directory / "inner.py").write_text(
        "from headway_worker import progress\nfor x in progress('abc', worker='w'): pass\n"
    )
    alone.headway_run("--", sys.executable, "inner.py")
    assert server.last("w")["current"] == 3
    assert server.posted("/jobs/j-1/report")


def test_a_tqdm_in_the_command_is_a_live_bar(alone: Job, server: Capture) -> None:
    ended = alone.headway_run("--", sys.executable, "-c", TQDM)
    assert b"train: 100%" in ended.stderr
    last = server.last("main")
    assert (last["current"], last["total"], last["desc"], last["ok"]) == (30, 30, "train", True)


def test_a_bar_that_a_failed_command_left_is_a_problem(alone: Job, server: Capture) -> None:
    alone.headway_run(
        "--", "sh", "-c", "printf '\\r 45%%|##  | 45/100 [00:01<00:02, 1it/s]' >&2; exit 1"
    )
    assert (server.last("main")["current"], server.last("main")["ok"]) == (45, False)


def test_a_bar_is_read_beside_a_stderr_that_is_a_file(alone: Job, server: Capture) -> None:
    with (alone.directory / "log").open("ab") as log:
        ended = subprocess.run(
            [sys.executable, "headway_worker.py", "run", "--", sys.executable, "-c", TQDM],
            env=alone.environment,
            cwd=alone.directory,
            stderr=log,
            timeout=60,
            check=False,
        )
    assert ended.returncode == 0
    assert b"train: 100%" in (alone.directory / "log").read_bytes()
    assert server.last("main")["current"] == 30


def test_a_stderr_that_is_a_file_is_the_commands_own(alone: Job) -> None:
    with (alone.directory / "log").open("ab") as log:
        ended = subprocess.run(
            [sys.executable, "headway_worker.py", "run", "--", "readlink", "/proc/self/fd/2"],
            env=alone.environment,
            cwd=alone.directory,
            stderr=log,
            stdout=subprocess.PIPE,
            timeout=60,
            check=False,
        )
    assert ended.stdout.decode().strip() == str(alone.directory / "log")


def test_stdin_and_stdout_are_the_commands_own(alone: Job) -> None:
    (alone.directory / "in").write_bytes(BYTES)
    with (
        (alone.directory / "in").open("rb") as given_in,
        (alone.directory / "out").open("wb") as out,
    ):
        subprocess.run(
            [
                sys.executable,
                "headway_worker.py",
                "run",
                "--",
                "sh",
                "-c",
                "readlink /proc/self/fd/1 >&2; cat",
            ],
            env=alone.environment,
            cwd=alone.directory,
            stdin=given_in,
            stdout=out,
            timeout=60,
            check=True,
        )
    assert (alone.directory / "out").read_bytes() == BYTES


def test_other_open_files_reach_the_command(alone: Job) -> None:
    ended = alone.call(
        [
            "sh",
            "-c",
            f"exec 7>seven; {sys.executable} headway_worker.py run -- sh -c 'echo to 7 >&7'",
        ]
    )
    assert ended.returncode == 0
    assert (alone.directory / "seven").read_bytes() == b"to 7\n"


@settings(
    max_examples=examples(20),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    deadline=None,
)
@given(data=st.binary(max_size=200_000))
def test_stderr_comes_through_byte_by_byte(make_bytes: Path, data: bytes) -> None:
    (make_bytes / "data").write_bytes(data)
    ended = subprocess.run(
        [sys.executable, "headway_worker.py", "run", "--", "sh", "-c", "cat data >&2"],
        env={"PATH": os.defpath, "HEADWAY_URL": "http://127.0.0.1:1"},
        cwd=make_bytes,
        capture_output=True,
        timeout=60,
        check=True,
    )
    assert ended.stderr == data


@pytest.fixture
def make_bytes(make_job: MakeJob) -> Path:
    return make_job("http://127.0.0.1:1").directory


def _on_a_terminal(job: Job, *command: str) -> tuple[bytes, int]:
    """Run a command under headway run with a terminal as its stderr; give what the terminal got and the status."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 33, 77, 0, 0))
    child = subprocess.Popen(
        [sys.executable, "headway_worker.py", "run", "--", *command],
        env=job.environment,
        cwd=job.directory,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=theirs,
    )
    os.close(theirs)
    got = b""
    while True:
        try:
            data = os.read(ours, 65536)
        except OSError:
            break
        got += data
    os.close(ours)
    return got, child.wait(60)


def test_a_command_on_a_terminal_finds_one_of_the_same_size(alone: Job) -> None:
    size = "import os; os.write(2, b'%d %d' % os.get_terminal_size(2))"
    got, status = _on_a_terminal(alone, sys.executable, "-c", size)
    assert (got, status) == (b"77 33", 0)


def test_lines_on_a_terminal_are_ended_once(alone: Job, server: Capture) -> None:
    text = "printf 'a\\nb\\r 45%%|##  | 45/100 [00:01<00:02, 1it/s]\\n' >&2"
    got, _ = _on_a_terminal(alone, "sh", "-c", text)
    assert got == b"a\r\nb\r 45%|##  | 45/100 [00:01<00:02, 1it/s]\r\n"
    assert server.last("main")["current"] == 45


def _wait_for(path: Path) -> None:
    deadline = time.monotonic() + 30
    while not path.exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert path.exists()


TELL = (
    "import os, signal, sys\n"
    "numbers = {1, 2, 3, 10, 12, 14, 15}\n"
    "signal.pthread_sigmask(signal.SIG_BLOCK, numbers)\n"  # one that comes before we wait waits too
    "open('ready', 'w').close()\n"
    "print(int(signal.sigwait(numbers)), flush=True); sys.exit(3)"
)


def _start(job: Job, *command: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "headway_worker.py", "run", "--", *command],
        env=job.environment,
        cwd=job.directory,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


@pytest.mark.parametrize("name", ["HUP", "INT", "QUIT", "USR1", "USR2", "ALRM", "TERM"])
def test_a_signal_is_passed_on(alone: Job, server: Capture, name: str) -> None:
    number = getattr(signal, "SIG" + name)
    child = _start(alone, sys.executable, "-c", TELL)
    _wait_for(alone.directory / "ready")
    child.send_signal(number)
    out, _ = child.communicate(timeout=60)
    assert (out, child.returncode) == (b"%d\n" % number, 3)
    assert server.posted("/finish")[0].body["exit_code"] == 3


def test_a_hangup_that_was_ignored_stays_ignored_in_the_command(alone: Job) -> None:
    ended = alone.call(
        [
            "sh",
            "-c",
            f"trap '' HUP; {sys.executable} headway_worker.py run -- grep SigIgn /proc/self/status",
        ]
    )
    assert int(ended.stdout.split()[1], 16) & 1


def test_a_command_starts_with_the_signals_at_their_defaults(alone: Job) -> None:
    with_us = alone.headway_run("--", "grep", "-E", "Sig(Ign|Blk|Cgt)", "/proc/self/status")
    without = alone.call(["grep", "-E", "Sig(Ign|Blk|Cgt)", "/proc/self/status"])
    assert with_us.stdout == without.stdout


def test_children_that_outlive_the_command_can_still_write(alone: Job) -> None:
    script = "(while [ ! -e go ]; do sleep 0.05; done; echo late >&2; echo done > wrote) & exit 4"
    child = _start(alone, "sh", "-c", script)
    assert child.wait(60) == 4
    (alone.directory / "go").write_text("")
    _, err = child.communicate(timeout=60)
    assert err == b"late\n"


def test_a_reader_of_stderr_that_goes_away_is_seen_by_the_command(alone: Job) -> None:
    run = (
        f"{sys.executable} headway_worker.py run -- sh -c 'yes >&2; echo $? > part; mv part status'"
    )
    ended = alone.call(["sh", "-c", f"{run} 2>&1 | head -1"])
    assert ended.stdout == b"y\n"
    _wait_for(alone.directory / "status")
    assert int((alone.directory / "status").read_text()) == 128 + signal.SIGPIPE


def test_inside_a_job_the_bars_are_that_jobs_and_its_end_is_not_ours(
    job: Job, server: Capture
) -> None:
    ended = job.headway_run("--", sys.executable, "-c", TQDM)
    assert ended.returncode == 0
    assert {request.path for request in server.requests} == {f"/api/v1/jobs/{JOB}/report"}
    assert server.requests[-1].headers["Authorization"] == f"Bearer {TOKEN}"


def test_inside_a_job_a_name_makes_a_child(job: Job, server: Capture) -> None:
    server.answers["/jobs"] = (201, NEW, {})
    job.headway_run("--name", "step", "--", "true")
    assert server.posted("/jobs")[0].body["parent"] == JOB
    assert server.posted("/jobs/j-1/finish")


def test_without_any_server_the_command_just_runs(alone: Job) -> None:
    ended = alone.headway_run(
        "--", "sh", "-c", "echo out; exit 3", environment={"HEADWAY_URL": None}
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (3, b"out\n", b"")


def test_a_run_that_reached_nobody_leaves_its_exit_record(make_job: MakeJob) -> None:
    job = make_job("http://127.0.0.1:1")
    del job.environment["HEADWAY_JOB_ID"]
    ended = job.headway_run("--name", "n", "--", "sh", "-c", "exit 6")
    assert ended.returncode == 6
    line = job.spooled()[-1]
    assert (line["job"], line["create"]["name"], line["finish"]["exit_code"]) == (None, "n", 6)
    assert line["key"].startswith("run-")


def test_a_server_that_goes_away_meanwhile_leaves_the_record_of_the_known_job(
    alone: Job, server: Capture
) -> None:
    server.answers["/finish"] = (500, {}, {})
    alone.headway_run("--", "sh", "-c", "exit 6")
    line = alone.spooled()[-1]
    assert (line["job"], line["token"], line["finish"]["exit_code"]) == ("j-1", "hwr_new", 6)


def test_a_job_whose_making_failed_at_first_is_made_later(alone: Job, server: Capture) -> None:
    server.failing_count = 1
    ended = alone.headway_run("--", "sh", "-c", "exit 6", environment={"HEADWAY_SPOOL": None})
    assert ended.returncode == 6
    assert server.posted("/jobs/j-1/finish")[0].body["exit_code"] == 6
    keys = {request.headers["Idempotency-Key"] for request in server.posted("/jobs")}
    assert len(keys) == 1


def test_no_command_is_a_usage_error(alone: Job) -> None:
    ended = alone.headway_run()
    assert ended.returncode == 2
    assert b"say what to run" in ended.stderr
