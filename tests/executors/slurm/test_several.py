"""One server, several clusters of one kind: two Slurms, one of them behind a login node, and one under two names."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from tests.faults.server.patience import eventually
from tests.rigs.slurm import Slurm
from tests.rigs.sshd import Sshd

from headway.sdk.client import Client
from headway.sdk.model import JobDocument
from headway.testing.server import ServerProcess

_CONFIGURATION: Final = """\
[cluster.near]
kind = "slurm"
list_every_s = 0.5
environment = {{ SLURM_CONF = "{near}" }}

[cluster.nice]
kind = "slurm"
list_every_s = 0.5
environment = {{ SLURM_CONF = "{near}" }}
options = {{ nice = "7" }}
adopt = false

[cluster.far]
kind = "slurm"
list_every_s = 0.5
ssh = "login"
ssh_options = ["-F", "{ssh}"]
directory = "{place}/far"
"""
NAMES: Final = ("near", "nice", "far")


@pytest.fixture
def client(slurm_forgetful: Slurm, login_node: Sshd, tmp_path: Path) -> Iterator[Client]:
    """A client of a server that is told of them; ``far`` is the Slurm of ``login_node``."""
    file = tmp_path / "headway.toml"
    near = slurm_forgetful.environment["SLURM_CONF"]
    told = _CONFIGURATION.format(near=near, ssh=login_node.config, place=tmp_path)
    file.write_text(told)
    with (
        ServerProcess(tmp_path / "data", arguments=("--config", str(file))) as server,
        Client(server.start().url) as made,
    ):
        yield made


def held(client: Client, cluster: str) -> JobDocument:
    """Submit a job that waits; gives it as its scheduler has it."""
    native = {"custom_attributes": {"slurm.hold": ""}}
    job = client.submit(["true"], cluster=cluster, attributes=native)

    def seen() -> JobDocument | None:
        now = client.job(job.id)
        return now if now.reason == "held" else None

    return eventually(seen, what=f"a job that is held on {cluster}")


def test_each_job_is_where_it_was_sent_and_ends_there(
    client: Client, slurm: Slurm, slurm_forgetful: Slurm
) -> None:
    jobs = {name: held(client, name) for name in NAMES}
    places = {"near": slurm_forgetful, "nice": slurm_forgetful, "far": slurm}
    for name, job in jobs.items():
        for place in (slurm, slurm_forgetful):
            is_there = job.id in place.ask("squeue", "--noheader", "--format=%k")
            assert is_there is (place is places[name])
    shown = slurm_forgetful.ask("scontrol", "show", "job", str(jobs["nice"].native_id))
    assert "Nice=7" in shown
    client.cancel(jobs["nice"].id)
    assert client.wait(jobs["nice"].id).state == "cancelled"
    assert {client.job(jobs[name].id).reason for name in ("near", "far")} == {"held"}
    for name in ("near", "far"):
        places[name].ask("scontrol", "release", str(jobs[name].native_id))
        assert client.wait(jobs[name].id).state == "succeeded"
