"""A program that knows nothing of Headway and draws a bar has it shown: run by a real Slurm, with tqdm's own bar."""

import sys
from pathlib import Path

import pytest
from tests.faults.server.patience import eventually
from tests.rigs.slurm import Slurm

from headway.sdk.client import Client
from headway.testing.server import running_server

_LOOP = """\
import pathlib, time
from tqdm import tqdm

with tqdm(total=40, desc="events", mininterval=0) as bar:
    bar.update(30)
    while not pathlib.Path({gate!r}).exists():
        time.sleep(0.05)
    bar.update(10)
"""


@pytest.mark.parametrize("cluster", ["slurm", "local"])
def test_the_bar_of_a_program_that_reports_nothing_is_shown(
    slurm: Slurm, tmp_path: Path, cluster: str
) -> None:
    gate, arguments = tmp_path / "gate", ("--cluster", "slurm", "--no-adopt")
    with (
        running_server(
            tmp_path / "data", arguments=arguments, environment=slurm.environment
        ) as server,
        Client(server.url) as client,
    ):
        loop = _LOOP.format(gate=str(gate))
        job = client.submit([sys.executable, "-c", loop], cluster=cluster).id
        eventually(lambda: client.job(job).progress == 0.75, what="its bar")
        (worker,) = client.workers(job)
        assert (worker.id, worker.current, worker.total) == ("main", 30, 40)
        assert worker.desc == "events"
        gate.touch()
        eventually(lambda: client.job(job).progress == 1.0, what="the whole of it")
        assert client.wait(job).state == "succeeded"
