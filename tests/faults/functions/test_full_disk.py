"""A disk that fills up under functions: nothing that was answered is lost, and every end is true once there is space."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
from tests.faults.local.test_namespaces import play
from tests.faults.server.patience import eventually
from tests.faults.small_disk import SmallDisk, small_file_system

HERE: Final = Path(__file__).parent
_HOW: Final = {
    "returns": ("return 'value'", ("succeeded", None, "value")),
    "long": ("return 'x' * 300_000", ("succeeded", None, "x" * 300_000)),
    "raises": ("raise KeyError('none')", ("failed", "exception", None)),
    "dies": ("os.kill(os.getpid(), 9)", ("failed", "signal", None)),
}


def test_functions_end_truly_when_neither_space_nor_files_are_left_to_their_workers(
    tmp_path: Path,
) -> None:
    found = play(str(HERE / "played_full_disk.py"), tmp_path, "--mount")
    assert found == {
        "free": [0, 0],
        "wrong": [],
        "kept": "before\n",
        "ends": {
            "returns": 'succeeded "value"',
            "long": 'succeeded "xxxxxxxxxxxxxxxxxxx',
            # What a function itself cannot write it hears of.
            "prints": "failed exception OSError",
            "leaves": "failed exception OSError",
            "raises": "failed exception KeyError",
            "dies": "failed signal 9",
            "cancelled": "cancelled by_user",
            "too long": "failed timeout",
            "late": 'succeeded "late"',
        },
    }


class FunctionsDisk(SmallDisk):
    """A small disk whose server runs functions."""

    def __init__(self, data: Path, place: Path) -> None:
        configuration = place / "headway.toml"
        configuration.write_text(
            f'[cluster.functions]\nkind = "functions"\nworkers = {len(_HOW)}\n'
        )
        super().__init__(data, arguments=("--config", str(configuration)))
        self.place = place

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        """Ask the native protocol."""
        return httpx.request(method, f"{self.server.url}/api/v1{path}", timeout=60, **more)

    def submit(self, source: str) -> httpx.Response:
        """Submit lines of Python."""
        body = {"kind": "function", "cluster": "functions", "function": {"source": source}}
        return self.ask("POST", "/jobs", json=body)

    def waits(self, name: str) -> str:
        """Submit what waits until all are let go on; gives the job's id."""
        lines = (
            "import os, time",
            "from pathlib import Path",
            f"Path({str(self.place / name)!r}).touch()",
            f"while not Path({str(self.place / 'open')!r}).exists(): time.sleep(0.02)",
            f"Path({str(self.place / name)!r} + '.passed').touch()",
            _HOW[name][0],
        )
        answer = self.submit("\n".join(lines))
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def there(self, *names: str) -> bool:
        """Tell whether files are there that functions make."""
        return all((self.place / name).exists() for name in names)

    def job(self, job_id: str) -> dict[str, Any]:
        """Give a job's document."""
        found: dict[str, Any] = self.ask("GET", f"/jobs/{job_id}").json()
        return found

    def end(self, job_id: str) -> dict[str, Any]:
        """Wait for a job's end; gives its document."""
        return eventually(
            lambda: job if (job := self.job(job_id))["ended"] else None, what=f"{job_id} ends"
        )


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[FunctionsDisk]:
    """Give a server whose data directory is a file system of its own."""
    with small_file_system(tmp_path / "data") as data:
        disk = FunctionsDisk(data, tmp_path)
        with disk.server:
            disk.server.start()
            yield disk
            disk.free()
            disk.server.stop()


@pytest.mark.service
@pytest.mark.parametrize("kills", [False, True])
def test_a_server_of_functions_refuses_more_on_a_full_disk_and_tells_true_ends_of_those_it_took(
    disk: FunctionsDisk, *, kills: bool
) -> None:
    jobs = {name: disk.waits(name) for name in _HOW}
    eventually(lambda: disk.there(*_HOW), what="all run")
    refused = disk.fill()
    assert (refused.status_code, disk.submit("return 1").status_code) == (507, 507)
    (disk.place / "open").touch()
    eventually(lambda: disk.there(*(f"{name}.passed" for name in _HOW)), what="all go on")
    if kills:
        disk.server.kill()
        disk.fill_up()
        disk.server.start()
    states = {disk.job(job_id)["state"] for job_id in jobs.values()}
    assert states <= {"running", "accepted", "succeeded", "failed"}
    disk.free()
    ends = {name: disk.end(job_id) for name, job_id in jobs.items()}
    seen = {name: (job["state"], job["reason"], job["result"]) for name, job in ends.items()}
    wanted = {name: end for name, (_, end) in _HOW.items()}
    if kills and seen["dies"][1] == "lost":  # nobody may have been there to see it
        wanted["dies"] = ("failed", "lost", None)
    assert {name: end[:2] for name, end in seen.items()} == {
        name: end[:2] for name, end in wanted.items()
    }
    result = disk.ask("GET", f"/jobs/{jobs['long']}/result")
    assert result.json() == wanted["long"][2]
    assert seen["returns"] == wanted["returns"]
    healed = disk.submit("return 1")
    assert disk.end(healed.json()["id"])["result"] == 1
    assert "Traceback" not in disk.server.log.read_text()
