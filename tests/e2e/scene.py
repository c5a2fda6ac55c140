"""Jobs as a busy person has them: what the pages are looked at with."""

from collections.abc import Sequence
from typing import Final

import msgspec
import requests

from headway.sdk.client import Client
from headway.testing.server import ServerProcess

_LOG: Final = (
    'i=0; while [ $i -lt 400 ]; do i=$((i+1)); echo "step $i: residual 0.0$((RANDOM % 900 + 100))";'
    ' done; printf "\\033[33mwarning:\\033[0m the mesh is coarse\\n";'
    ' printf "\\033[1;31mError:\\033[0m no convergence after 400 steps\\n" >&2; exit 3'
)


class Scene(msgspec.Struct, frozen=True):
    """The UUIDs of the jobs that pages are opened of."""

    moving: str
    failed: str
    array: str
    waiting: str
    staged: str


def set_up(server: ServerProcess) -> Scene:
    """Fill a server, and wait until what ends has ended."""
    failed = _submit(
        server,
        name="mesh refinement",
        command=["bash", "-c", _LOG],
        labels=["campaign-3", "nightly", "needs-review"],
        resources={"cpu_cores_per_process": 4, "memory": "8G"},
        environment={"OMP_NUM_THREADS": "4", "API_TOKEN": "not-for-eyes"},
    )
    done = _submit(server, name="archive results", command=["true"], labels=["nightly"])
    _submit(server, name="long sleep", command=["sleep", "600"], labels=["campaign-3"])
    waiting = _submit(server, kind="report", name="waiting for data", worker_count=4)
    moving = _moving(server)
    array = _array(server)
    staged = _staged(server)
    for scope, note in (("read", "dashboard on the wall"), ("run", "nightly campaign")):
        body = {"scopes": [scope], "note": note, "expires_in_s": 90 * 86_400}
        _send(server, "POST", "tokens", body)
    with Client(server.url) as client:
        for job_id in (failed, done, staged):
            client.wait(job_id, timeout_s=120)
    return Scene(moving=moving, failed=failed, array=array, waiting=waiting, staged=staged)


def workers(names: Sequence[str], *, done: float) -> list[dict[str, object]]:
    """Give reports of workers, each a little less far than the one before."""
    return [
        {
            "id": name,
            "current": round(1000 * done * (1 - n / (2 * len(names)))),
            "total": 1000,
            "ok": n != 3,
            "desc": "wrote checkpoint 14" if n % 2 else "solving the pressure equation",
        }
        for n, name in enumerate(names)
    ]


def _moving(server: ServerProcess) -> str:
    moving = _submit(
        server,
        kind="report",
        name="turbine ensemble, 12 members, second run after the solver was mended",
        labels=["campaign-3"],
        native_id="4711.slurm",
    )
    report = {
        "workers": workers([f"member-{n:02}" for n in range(12)], done=0.8),
        "counters": {"checkpoints": 14, "residual": 0.00031, "phase": ["solving", "green"]},
        "status_text": "12 members, 14 checkpoints written",
    }
    _send(server, "POST", f"jobs/{moving}/report", report)
    return moving


def _array(server: ServerProcess) -> str:
    array = _submit(server, kind="report", name="parameter sweep")
    for n in range(8):
        part = _submit(server, kind="report", name=f"sweep {n}", parent=array, will_finish=True)
        report = {"workers": [{"id": "w", "current": n, "total": 8}]}
        _send(server, "POST", f"jobs/{part}/report", report)
        if n < 3:
            _send(server, "POST", f"jobs/{part}/finish", {"exit_code": int(n == 1)})
    return array


def _staged(server: ServerProcess) -> str:
    place = server.data.parent / "measurements"
    place.mkdir(exist_ok=True)
    names = ("run-0007.csv", "calibration-of-the-second-detector-after-the-shutdown.csv")
    for name in names:
        (place / name).write_text("1,2,3\n")
    sandbox = {
        "stage_in": [{"source": f"{place}/{name}", "target": f"input/{name}"} for name in names],
        "stage_out": [{"source": "result.csv", "target": f"{place}/result.csv"}],
        "stdout": f"{place}/stdout.txt",
        "keep_s": 86_400,
    }
    command = ["sh", "-c", "sort input/*.csv > result.csv"]
    return _submit(server, name="reduce run 7", command=command, sandbox=sandbox)


def _submit(server: ServerProcess, **body: object) -> str:
    return str(_send(server, "POST", "jobs", body)["id"])


def _send(server: ServerProcess, method: str, path: str, body: object) -> dict[str, object]:
    answer = requests.request(method, f"{server.url}/api/v1/{path}", json=body, timeout=60)
    assert answer.ok, answer.text
    told: dict[str, object] = answer.json()
    return told
