"""Jobs that report on themselves, through the real server, while it is there and while it is not."""

import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from tests.e2e.conftest import environment_of, until
from tests.processes import ending

from headway.sdk.client import Client
from headway.sdk.model import JobDocument
from headway.testing.server import ServerProcess

WORKER = """
from headway.sdk.worker import counters, progress, status
status("calibrating")
for item in progress(range(30), desc="flagging", worker="w1"):
    pass
with progress(total=100, worker="w2") as bar:
    bar.update(40)
    bar.ok = False
counters({"events": 12000, "peaks": [3, "#c0ffee"]})
status("done")
"""
TQDM = """
from headway import tqdm
for item in tqdm(range(50), desc="images"):
    pass
print("counted")
"""
#: Says how far it is, waits for a word, and goes on.
WAITING = """
import sys
from headway_worker import progress, status
with progress(total=10, worker="w1") as bar:
    bar.update(4)
    while not __import__("os").path.exists(sys.argv[1]):
        __import__("time").sleep(0.05)
    bar.update(6)
    status("written while nobody listened")
"""
TRIES = 20


def ended(client: Client, command: list[str], directory: Path) -> JobDocument:
    job = client.submit(command, directory=str(directory))
    return client.wait(job.id, timeout_s=120)


def workers(client: Client, ref: str) -> dict[str, tuple[float, float | None, bool]]:
    return {w.id: (w.current, w.total, w.ok) for w in client.workers(ref)}


def in_the_end(client: Client, ref: str, told: dict[str, tuple[float, float | None, bool]]) -> None:
    """Wait until the workers are so: what a worker could not say in time at its job's end comes by the spool."""
    until(lambda: workers(client, ref) == told)


def test_a_jobs_bars_counters_and_status_are_its_own(client: Client, tmp_path: Path) -> None:
    job = ended(client, [sys.executable, "-c", WORKER], tmp_path)
    assert (job.state, job.exit_code) == ("succeeded", 0)
    in_the_end(client, job.id, {"w1": (30, 30, True), "w2": (40, 100, False)})
    until(lambda: client.job(job.id).status_text == "done")
    until(lambda: {c.key: c.value for c in client.job(job.id).counters}.get("events") == 12000)


def test_a_tqdm_loop_is_a_bar_and_writes_what_it_always_wrote(
    client: Client, tmp_path: Path
) -> None:
    job = ended(client, [sys.executable, "-c", TQDM], tmp_path)
    in_the_end(client, job.id, {"main": (50, 50, True)})
    assert b"".join(client.read_log(job.id, "stdout")) == b"counted\n"
    assert b"images: 100%" in b"".join(client.read_log(job.id, "stderr"))


@pytest.mark.service("curl")
def test_the_one_file_fetched_by_curl_reports_where_nothing_is_installed(
    client: Client, shared: ServerProcess, tmp_path: Path
) -> None:
    line = f"curl -sSf -o headway_worker.py {shared.url}/worker.py && {sys.executable} -ISc"
    program = "import sys; sys.path[:0] = ['.']\nfrom headway_worker import progress\nlist(progress(range(9)))"
    job = ended(client, ["sh", "-c", f'{line} "$1"', "sh", program], tmp_path)
    assert job.state == "succeeded", b"".join(client.read_log(job.id, "stderr"))
    in_the_end(client, job.id, {"main": (9, 9, True)})


def test_a_job_goes_on_without_its_server_which_hears_of_it_later(
    server: ServerProcess, tmp_path: Path
) -> None:
    port = int(server.url.rpartition(":")[2])
    word = tmp_path / "go on"
    program = f"import sys, headway.sdk.worker; sys.modules['headway_worker'] = headway.sdk.worker\n{WAITING}"
    with Client(server.url) as client:
        job_id = client.submit([sys.executable, "-c", program, str(word)]).id
        until(lambda: workers(client, job_id).get("w1", (0,))[0] == 4)
    server.stop()
    word.touch()
    # The spool is written when the job ends, at the latest.
    until(lambda: any(server.data.glob("spool/*.jsonl")))
    server.start(port=port)
    with Client(server.url) as client:
        job = client.wait(job_id, timeout_s=120)
        assert (job.state, job.exit_code) == ("succeeded", 0)
        until(lambda: workers(client, job_id) == {"w1": (10, 10, True)})
        until(lambda: client.job(job_id).status_text == "written while nobody listened")
    until(lambda: not any(server.data.glob("spool/*")))


def run(environment: Mapping[str, str], *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["headway", "run", *command],
        env=dict(environment),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def heard_run(
    environment: Mapping[str, str], *command: str
) -> tuple[subprocess.CompletedProcess[str], str]:
    """Run a command; gives what it left, and its job's number.

    It is run again when the server was not heard within the second that a command waits for its job.
    """
    for _ in range(TRIES):
        done = run(environment, *command)
        told = re.search(r"reporting to \S+/j/(\d+)$", done.stderr, re.MULTILINE)
        if told is not None:
            return done, told[1]
    raise AssertionError("the server is never heard")


@pytest.mark.parametrize(
    ("script", "status", "exit_code", "signal", "state"),
    [
        ("exit 0", 0, 0, None, "succeeded"),
        ("exit 3", 3, 3, None, "failed"),
        ("kill -9 $$", 137, None, 9, "failed"),
    ],
)
def test_a_run_is_recorded_as_it_ended(
    client: Client,
    user: Mapping[str, str],
    script: str,
    status: int,
    exit_code: int | None,
    signal: int | None,
    state: str,
) -> None:
    done, number = heard_run(user, "--name", script, "--", "sh", "-c", script)
    assert done.returncode == status, done.stderr
    until(lambda: client.job(number).state.is_final)
    job = client.job(number)
    assert (job.name, job.state) == (script, state)
    assert (job.exit_code, job.signal) == (exit_code, signal)
    assert job.usage is not None


def test_a_run_shows_a_plain_tqdm_bar(client: Client, user: Mapping[str, str]) -> None:
    plain = "from tqdm import tqdm\nfor i in tqdm(range(40), desc='plain'): pass"
    done, number = heard_run(user, "--", "python", "-c", plain)
    assert "plain: 100%" in done.stderr
    in_the_end(client, number, {"main": (40, 40, True)})


def test_what_a_run_starts_reports_on_the_run(client: Client, user: Mapping[str, str]) -> None:
    program = "from headway.sdk.worker import progress\nlist(progress(range(5), worker='inner'))"
    _, number = heard_run(user, "--", "python", "-c", program)
    in_the_end(client, number, {"inner": (5, 5, True)})


def test_a_run_whose_server_is_away_is_a_job_later_and_only_once(
    server: ServerProcess,
) -> None:
    url = server.url
    server.stop()
    spool = {"HEADWAY_URL": url, "HEADWAY_SPOOL": str(server.data / "spool")}
    done = run(
        {**environment_of(server), **spool},
        "--name",
        "unheard",
        "--",
        "sh",
        "-c",
        "echo out; exit 4",
    )
    assert (done.returncode, done.stdout) == (4, "out\n")
    server.start(port=int(url.rpartition(":")[2]))
    with Client(server.url) as client:
        until(lambda: any(job.state.is_final for job in client.jobs(name="unheard")))
        until(lambda: not any(server.data.glob("spool/*")))
        [job] = client.jobs(name="unheard")
    assert (job.state, job.exit_code, job.kind) == ("failed", 4, "report")


def test_a_run_that_ends_while_its_users_own_server_is_away_is_told_of_later(
    server: ServerProcess, tmp_path: Path
) -> None:
    word = tmp_path / "go on"
    environment = {**environment_of(server), "WORD": str(word)}
    port = int(server.url.rpartition(":")[2])
    script = 'while [ ! -e "$WORD" ]; do sleep 0.05; done; exit 5'
    command = ["headway", "run", "--name", "alone", "--", "sh", "-c", script]
    with ending(subprocess.Popen(command, env=environment, stderr=subprocess.PIPE)) as running:
        with Client(server.url) as client:
            until(lambda: any(client.jobs(name="alone")))
        server.stop()
        word.touch()
        running.communicate(timeout=60)
        assert running.returncode == 5
    server.start(port=port)
    with Client(server.url) as client:
        until(lambda: any(job.state.is_final for job in client.jobs(name="alone")))
        [job] = client.jobs(name="alone")
    assert (job.state, job.exit_code) == ("failed", 5)
