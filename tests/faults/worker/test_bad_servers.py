"""Whatever a server does, a job's output, its status and its values stay the same."""

import json
import sys

import pytest
from tests.faults.worker.conftest import FAULTS, BadServer, Place

LOOP = """
from headway_worker import counters, progress, status
counters({"a": 1})
status("working")
done = sum(n for n in progress(range(1000), desc="loop"))
with progress(total=10, worker="w") as bar:
    bar.update(4)
print(done)
raise SystemExit(7)
"""
DRAWN = """
from headway.sdk.bar import tqdm
print(sum(n for n in tqdm(range(1000), disable=True)))
raise SystemExit(7)
"""
CHILDREN = """
import multiprocessing
from headway_worker import progress

def work(count):
    return sum(n for n in progress(range(count)))

if __name__ == "__main__":
    with progress(total=4) as bar:
        bar.update(1)
        with multiprocessing.get_context("fork").Pool(2) as pool:
            print(sum(pool.map(work, [1000])))
    raise SystemExit(7)
"""
WORST = [fault for fault in FAULTS if fault.name in ("refuses", "hangs", "drips-its-body")]


def test_a_job_is_what_it_is_without_a_server(place: Place, bad_server: BadServer) -> None:
    ended = place.python(LOOP, bad_server.url)
    assert (ended.returncode, ended.stdout, ended.stderr) == (7, b"499500\n", b"")


@pytest.mark.parametrize("text", [DRAWN, CHILDREN], ids=["tqdm", "children"])
@pytest.mark.parametrize("bad_server", WORST, ids=lambda fault: fault.name, indirect=True)
def test_other_jobs_are_what_they_are(place: Place, bad_server: BadServer, text: str) -> None:
    ended = place.python(text, bad_server.url)
    assert (ended.returncode, ended.stdout, ended.stderr) == (7, b"499500\n", b"")


def test_a_run_is_what_its_command_is_and_keeps_its_record(
    place: Place, bad_server: BadServer
) -> None:
    script = "printf 'out\\0put'; printf '\\r 45%%|#| 45/100 [00:01<00:02, 1it/s]' >&2; exit 9"
    run = [sys.executable, "headway_worker.py", "run", "--name", "n", "--", "sh", "-c", script]
    ended = place.call(run, bad_server.url)
    assert (ended.returncode, ended.stdout) == (9, b"out\0put")
    assert ended.stderr == b"\r 45%|#| 45/100 [00:01<00:02, 1it/s]"
    lines = [json.loads(line) for line in place.spooled().splitlines()]
    assert [line["finish"]["exit_code"] for line in lines if "finish" in line] == [9]
