"""kill -9 on a server at each step of handing jobs to a real Slurm: none lost, none run twice, all ends true."""

import sys
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec
import pytest
from tests.faults.batch.real import PATIENCE_S, server_of, settings_of
from tests.faults.counts import dice, rounds
from tests.faults.server.patience import eventually
from tests.rigs.slurm import Slurm

from headway.core.errors import HeadwayError
from headway.sdk.client import Client
from headway.testing.fault import Point
from headway.testing.server import ServerProcess

pytestmark = pytest.mark.soak

JOBS: Final = 4
#: What sbatch is in these tests: once, it kills the server that has started it.
SBATCH: Final = """\
#!/bin/sh
mode=$(cat {place}/mode) && rm {place}/mode
case $mode in
"the files are written") kill -9 $PPID; exit 1 ;;
"sbatch was started") kill -9 $PPID; exec sbatch "$@" ;;
"sbatch has answered") answer=$(sbatch "$@"); kill -9 $PPID; echo "$answer" ;;
*) exec sbatch "$@" ;;
esac 2>/dev/null
"""
STEPS: Final = ("the files are written", "sbatch was started", "sbatch has answered")
#: The answer is written beside the job, but not committed; and what comes after.
POINTS: Final = (
    Point.SEND_AFTER,
    Point.RUNNING_BEFORE,
    Point.RUNNING_AFTER,
    Point.EXIT_SEEN,
    Point.FINAL_BEFORE,
    Point.SETTLED_BEFORE,
)
FIRST: Final = (*STEPS, Point.SEND_AFTER, Point.RUNNING_BEFORE)
ALL: Final = (*STEPS, *POINTS, Point.ACCEPTED_AFTER, Point.SEND_BEFORE, Point.SENDING)


def dying_at(step: str, slurm: Slurm, place: Path, plain: ServerProcess) -> ServerProcess:
    """Give a server that dies there."""
    if step in STEPS:
        (place / "mode").write_text(step)
        return plain
    clusters = {"slurm": {"kind": "slurm", "adopt": False, "settings": settings_of(slurm, place)}}
    told = ("--clusters", msgspec.json.encode(clusters).decode())
    return ServerProcess(
        plain.data,
        arguments=(*told, "--fault", f"{step}:1", "--hits", str(place / "hits")),
        program=(sys.executable, "-m", "headway.testing.faults"),
    )


def check(slurm: Slurm, place: Path, step: str) -> None:
    """Have a server die over some jobs, and the next one see them to their ends."""
    ledger = place / "ledger"
    ledger.touch()
    sbatch = place / "sbatch"
    sbatch.write_text(SBATCH.format(place=place))
    sbatch.chmod(0o755)
    plain = server_of(slurm, place, programs={"sbatch": str(sbatch)})
    answered: dict[str, str] = {}
    dying = dying_at(step, slurm, place, plain)
    with plain, dying:
        with Client(dying.start().url) as client, suppress(HeadwayError):
            for number in range(JOBS):
                script = f"echo job{number} >>{ledger}; exit 3"
                job = client.submit(["sh", "-c", script], cluster="slurm", name=f"job{number}")
                answered[job.id] = job.name
        eventually(lambda: dying.exit_code is not None, what=f"a death when {step}")
        with Client(plain.start().url) as client:
            jobs = list(client.jobs())
            ends = {job.id: client.wait(job.id, timeout_s=PATIENCE_S) for job in jobs}
        plain.stop()
    assert set(answered) <= set(ends)
    assert {(job.state, job.exit_code) for job in ends.values()} <= {("failed", 3)}
    assert Counter(ledger.read_text().split()) == Counter(job.name for job in ends.values())


@pytest.mark.parametrize("number", range(max(len(FIRST), rounds(60))))
def test_a_server_killed_while_it_submits_loses_and_doubles_nothing(
    slurm: Slurm, tmp_path: Path, number: int
) -> None:
    steps = (*FIRST, *dice().choices(ALL, k=number))
    check(slurm, tmp_path, steps[number])
