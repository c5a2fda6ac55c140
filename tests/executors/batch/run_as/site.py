"""A server that runs jobs as their owners, through a real sudo, beside a scheduler: what each user gets, and cannot get at."""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest
from tests.conftest import NEEDS_ROOT
from tests.executors.batch.run_as.clusters import Cluster
from tests.executors.batch.run_as.installed import OTHER
from tests.executors.batch.run_as.machine import PROGRAMS, Machine
from tests.faults.server.patience import eventually
from tests.rigs.kept import require

from headway.core.model.names import JobId, tag_of
from headway.executors.batch.place import Places
from headway.sdk.client import Client
from headway.sdk.model import JobDocument
from headway.testing.server import ServerProcess

_SERVER: Final = """\
[server]
default_cluster = "batch"
[sandbox]
stage_roots = ["/usr/share"]
[cluster.batch]
kind = "{kind}"
directory = "{place}/cluster/{{user}}/batch"
run_as = "sudo"
run_as_program = "{program}"
run_as_directory = "{place}/run-as"
list_every_s = 0.5
list_share = 0.5
[cluster.batch.users]
alice = "games"
bob = "nobody"
mallory = "daemon"
"""


class Site:
    """The server, its machine, and clients of its users: alice is ``games``, bob ``nobody``; mallory sudo knows nothing of."""

    def __init__(self, machine: Machine, server: ServerProcess, cluster: Cluster) -> None:
        self.machine = machine
        self.server = server
        self.cluster = cluster
        self._clients: dict[str, Client] = {}
        self.tokens = {
            name: machine.token(server, name)
            for name in ("alice", "bob", "mallory", "eve", "root", "backup")
        }

    def client(self, user: str) -> Client:
        """Speak to the server as a user."""
        if user not in self._clients:
            self._clients[user] = Client(self.server.url, token=self.tokens[user])
        return self._clients[user]

    def restart(self) -> None:
        """Kill the server, and start another one on its data."""
        self.close()
        self.server.kill()
        self.server.start()

    def close(self) -> None:
        """Hang up."""
        for client in self._clients.values():
            client.close()
        self._clients.clear()

    def place(self, job: JobDocument, user: str = "games") -> Path:
        """Give where a job's files are."""
        root = self.machine.place / "cluster" / user / "batch"
        return Path(Places(str(root)).of(tag_of(JobId(str(job.id)), job.attempt)))

    def hold(self, client: Client) -> JobDocument:
        """Submit a job that waits until it is released; gives it as its scheduler has it."""
        job = client.submit(["true"], attributes={"custom_attributes": {self.cluster.held: ""}})
        return self.until(client, job, lambda now: now.state == "queued")

    def forge(self, job: JobDocument) -> None:
        """Have bob submit a job which fails, with another one's mark."""
        mark = self.cluster.dialect.mark(f"{job.id}.{job.attempt}")
        done = self.machine.run(
            *self.cluster.forging(mark), user=OTHER, environment=self.cluster.environment
        )
        assert done.returncode == 0, done.stderr

    def until(
        self, client: Client, job: JobDocument, holds: Callable[[JobDocument], bool]
    ) -> JobDocument:
        """Wait until something is true of a job."""

        def asked() -> JobDocument | None:
            now = client.job(job.id)
            return now if holds(now) else None

        return eventually(asked, what=f"job {job.number}")

    def ended(self, client: Client, job: JobDocument) -> JobDocument:
        """Wait for a job's end."""
        return self.until(client, job, lambda now: now.ended is not None)


@contextmanager
def site_of(cluster: Cluster) -> Iterator[Site]:
    """Start a server beside a scheduler."""
    require(PROGRAMS)
    if os.geteuid() != 0:
        pytest.skip(f"{NEEDS_ROOT}: it is several users")
    with Machine() as machine, machine.server(_configuration(machine, cluster)) as server:
        server.start()
        made = Site(machine, server, cluster)
        yield made
        made.close()


def _configuration(machine: Machine, cluster: Cluster) -> str:
    tables = {"environment": cluster.environment, "programs": cluster.programs}
    if cluster.kind == "slurm":
        tables["programs"] = {"sbatch": _losing(machine)}
    told = _SERVER.format(kind=cluster.kind, place=machine.place, program=machine.program)
    for name, table in tables.items():
        told += f"[cluster.batch.{name}]\n"
        told += "".join(f"{key} = {json.dumps(value)}\n" for key, value in table.items())
    return told


#: Once told so it takes bob's job, and never says that it did.
_SBATCH: Final = """\
#!/bin/sh
[ "$(id -un)" = nobody ] && [ -e {place}/lose ] || exec {sbatch} "$@"
{sbatch} "$@" >/dev/null
exec sleep 100
"""


def _losing(machine: Machine) -> str:
    sbatch = machine.place / "bin" / "sbatch"
    sbatch.write_text(_SBATCH.format(place=machine.place, sbatch=shutil.which("sbatch")))
    sbatch.chmod(0o755)
    return str(sbatch)
