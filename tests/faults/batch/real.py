"""A real server over a real Slurm."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from tests.faults.server.patience import eventually
from tests.rigs.slurm import Slurm

from headway.sdk.client import Client
from headway.sdk.model import JobDocument
from headway.testing.server import ServerProcess

SLOW_AFTER_S: Final = 3.0
_LIST_EVERY_S: Final = 0.5
PATIENCE_S: Final = 60.0


def settings_of(slurm: Slurm, place: Path) -> dict[str, Any]:
    """Give what a server is told of the cluster."""
    return {
        "directory": str(place / "cluster"),
        "environment": dict(slurm.environment),
        "timeout_s": SLOW_AFTER_S,
        "list_every_s": _LIST_EVERY_S,
    }


def server_of(
    slurm: Slurm, place: Path, *, arguments: Sequence[str] = (), **settings: Any
) -> ServerProcess:
    """Make a server whose cluster ``slurm`` this is; it leaves jobs of other tests alone."""
    config = place / "headway.toml"
    told = settings_of(slurm, place) | settings
    lines = [f"{name} = {_toml(value)}" for name, value in told.items()]
    config.write_text("\n".join(["[cluster.slurm]", 'kind = "slurm"', "adopt = false", *lines, ""]))
    return ServerProcess(place / "data", arguments=("--config", str(config), *arguments))


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {_toml(each)}" for key, each in value.items()) + "}"
    return json.dumps(value)


def submitted(client: Client, script: str, **native: str) -> str:
    """Submit lines of shell, with options of sbatch's own; gives the job's id."""
    options = {f"slurm.{name}": value for name, value in native.items()}
    job = client.submit(
        ["sh", "-c", script], cluster="slurm", attributes={"custom_attributes": options}
    )
    return job.id


def until(client: Client, job_id: str, *states: str, attempt: int = 1) -> JobDocument:
    """Wait until a job is in one of these states."""

    def seen() -> JobDocument | None:
        job = client.job(job_id)
        return job if job.state in states and job.attempt >= attempt else None

    return eventually(seen, what=f"{job_id}: {' or '.join(states)}", patience_s=PATIENCE_S)


def ended(client: Client, job_id: str) -> tuple[str, str | None, int | None]:
    """Wait for a job's end; gives its state, why, and its exit code."""
    job = client.wait(job_id, timeout_s=PATIENCE_S)
    return job.state, job.reason, job.exit_code
