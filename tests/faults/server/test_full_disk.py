"""A whole server on a disk of 3 MB that fills up."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from tests.faults.server.patience import eventually
from tests.faults.server.scripts import Gate
from tests.faults.small_disk import SmallDisk, small_file_system

from headway.sdk.client import Client

pytestmark = pytest.mark.service


def refused(data: Path) -> str:
    """Start a server that does not start; gives what it says."""
    ended = subprocess.run(
        [sys.executable, "-m", "headway", "serve", "--port=0", "--no-announce", "--data", data],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode in {2, 4}
    assert "Traceback" not in ended.stderr
    return ended.stderr


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A directory that is a file system of 3 MB."""
    with small_file_system(tmp_path / "data") as data:
        yield data


@pytest.fixture
def disk(small: Path) -> Iterator[SmallDisk]:
    disk = SmallDisk(small)
    with disk.server:
        disk.server.start()
        yield disk
        disk.free()
        disk.server.stop()


def test_a_submission_to_a_full_disk_is_refused_with_507(disk: SmallDisk) -> None:
    refused = disk.fill()
    assert refused.status_code == 507
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["code"] == "storage-full"


def test_reads_are_answered_while_the_disk_is_full(disk: SmallDisk, tmp_path: Path) -> None:
    gate = Gate(tmp_path / "gate")
    with Client(disk.server.url) as client:
        job = client.submit(["sh", "-c", "echo told; " + gate.command("exit 0")[2]])
        eventually(gate.is_reached, what="the job runs")
    disk.fill()
    addresses = (
        "/api/v1/jobs",
        f"/api/v1/jobs/{job.id}",
        f"/api/v1/jobs/{job.id}/events",
        f"/api/v1/jobs/{job.id}/log/stdout",
        f"/progress/show?id={job.number}",
        f"/progress/render?id={job.number}",
        f"/progress/render.svg?id={job.number}",
        "/healthz",
        "/metrics",
    )
    with httpx.Client(base_url=disk.server.url, timeout=60) as reader:
        statuses = {address: reader.get(address).status_code for address in addresses}
        assert statuses == dict.fromkeys(addresses, 200)
        assert reader.get(addresses[3]).content == b"told\n"


def test_an_exit_status_from_while_the_disk_was_full_is_true(
    disk: SmallDisk, tmp_path: Path
) -> None:
    gate = Gate(tmp_path / "gate")
    with Client(disk.server.url) as client:
        job_id = client.submit(gate.command("exit 7")).id
        eventually(gate.is_reached, what="the job runs")
        disk.fill()
        gate.open()
        eventually(gate.is_passed, what="the job has ended")
        disk.free()
        ended = client.wait(job_id, timeout_s=60)
    assert (ended.state, ended.exit_code, ended.signal) == ("failed", 7, None)


def test_a_server_heals_by_itself_and_has_lost_nothing(disk: SmallDisk) -> None:
    pid = disk.server.pid
    with Client(disk.server.url) as client:
        told = client.submit(["true"], name="before").id
        client.wait(told, timeout_s=60)
        disk.fill()
        disk.free()
        healed = client.submit(["sh", "-c", "exit 3"])
        assert client.wait(healed.id, timeout_s=60).exit_code == 3
        known = {job.id for job in client.jobs()}
    assert known == {*disk.acknowledged, told, healed.id}
    assert (disk.server.pid, disk.server.exit_code) == (pid, None)
    assert "Traceback" not in disk.server.log.read_text()


def test_a_server_killed_on_a_full_disk_has_lost_nothing(disk: SmallDisk) -> None:
    disk.fill()
    disk.server.kill()
    disk.free()
    disk.server.start()
    with Client(disk.server.url) as client:
        assert {job.id for job in client.jobs()} == set(disk.acknowledged)


def test_a_server_that_starts_on_a_full_disk_still_answers_reads(disk: SmallDisk) -> None:
    disk.fill()
    disk.server.kill()
    disk.fill_up()
    disk.server.start()
    with Client(disk.server.url) as client:
        assert {job.id for job in client.jobs()} == set(disk.acknowledged)
        disk.free()
        healed = client.submit(["sh", "-c", "exit 3"])
        assert client.wait(healed.id, timeout_s=60).exit_code == 3


def test_a_server_that_finds_no_room_to_begin_with_says_so(small: Path) -> None:
    disk = SmallDisk(small)
    disk.fill_up()
    assert "the server's secret" in refused(small)
    assert "No space left on device" in refused(small)
    disk.free()
    (small / "secret").write_bytes(bytes(32))
    disk.fill_up()
    assert f"the disk of {small} is full" in refused(small)
