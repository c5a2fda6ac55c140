"""One server a data directory, and what the next one finds when the first has died."""

import subprocess
import sys
import time
from pathlib import Path

from tests.faults.server.patience import eventually
from tests.faults.server.scripts import Gate

from headway.sdk.client import Client
from headway.testing.server import ServerProcess


def second_server(first: ServerProcess, place: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "headway", "serve", "--port", "0", "--data", str(first.data)],
        env={"XDG_RUNTIME_DIR": str(place), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_second_server_on_the_same_data_refuses_and_says_who_holds_it(
    server: ServerProcess, tmp_path: Path
) -> None:
    refused = second_server(server, tmp_path)
    assert refused.returncode == 4
    assert refused.stdout == ""
    assert f"process {server.pid}, {server.url}, since " in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_server_is_none_the_worse_for_a_second_one(server: ServerProcess, tmp_path: Path) -> None:
    with Client(server.url) as client:
        before = client.submit(["sh", "-c", "exit 3"])
        second_server(server, tmp_path)
        after = client.submit(["sh", "-c", "exit 4"])
        assert client.wait(before.id, timeout_s=60).exit_code == 3
        assert client.wait(after.id, timeout_s=60).exit_code == 4


def test_after_a_kill_the_next_server_starts_at_once(server: ServerProcess) -> None:
    with Client(server.url) as client:
        kept = client.submit(["true"], name="kept").id
    server.kill()
    start = time.monotonic()
    server.start()
    print(f"from start to the first answer: {time.monotonic() - start:.2f} s")  # noqa: T201
    with Client(server.url) as client:
        assert client.wait(kept, timeout_s=60).name == "kept"


def test_jobs_that_ran_over_a_kill_are_taken_up_again(
    server: ServerProcess, tmp_path: Path
) -> None:
    ends_alone, runs_on = Gate(tmp_path / "alone"), Gate(tmp_path / "on")
    with Client(server.url) as client:
        first = client.submit(ends_alone.command("exit 5")).id
        second = client.submit(runs_on.command("exit 6")).id
        eventually(lambda: ends_alone.is_reached() and runs_on.is_reached(), what="both run")
    server.kill()
    ends_alone.open()
    eventually(ends_alone.is_passed, what="it ends while there is no server")
    server.start()
    start = time.monotonic()
    with Client(server.url) as client:
        ended = eventually(lambda: _ended(client, first), what="its end is learnt")
        print(f"from the first answer to the end: {time.monotonic() - start:.2f} s")  # noqa: T201
        runs_on.open()
        assert ended == 5
        assert client.wait(second, timeout_s=60).exit_code == 6


def _ended(client: Client, ref: str) -> int | None:
    return client.job(ref).exit_code
