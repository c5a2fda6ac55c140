"""Logs that are no text, have no lines, or are larger than memory and disk: shown, never a 500, in bounded memory."""

import subprocess
import sys
from collections.abc import Sequence
from typing import Final

import httpx
import pytest
from tests.faults.server.scripts import memory_peak_bytes
from tests.processes import ending

from headway.sdk.client import Client
from headway.testing.server import ServerProcess

_SOME_BYTES: Final = 64 << 20
_GROWTH_BYTES: Final = 128 << 20
_SPARSE_BYTES: Final = 10 << 30

BYTES: Final = r"printf '\377\376\000a\000\033[31mred\r\n\303\050\342\200\256\n'; printf '\377' >&2"
LINE: Final = "head -c 10485760 /dev/zero | tr '\\0' x; echo; echo last"
SPARSE: Final = "echo first; truncate -s 10G /proc/self/fd/1"

JOBS: Final = {"no text": BYTES, "a line of 10 MB": LINE, "10 GB": SPARSE}
WAYS: Final = {
    "whole": ("", {}),
    "a range": ("", {"Range": "bytes=3-1000"}),
    "the end by range": ("", {"Range": "bytes=-1000"}),
    "far in": ("", {"Range": "bytes=5-"}),
    "last lines": ("?tail=100l", {}),
    "last line": ("?tail=1l", {}),
    "last bytes": ("?tail=5000", {}),
    "followed": ("?follow=1", {}),
    "followed from the end": ("?follow=1&tail=10l", {}),
    "stderr": (None, {}),
}


@pytest.fixture(params=JOBS)
def job(request: pytest.FixtureRequest, server: ServerProcess) -> str:
    with Client(server.url) as client:
        made = client.submit(["sh", "-c", JOBS[request.param]])
        assert client.wait(made.id, timeout_s=120).exit_code == 0
        return made.id


def read_some(url: str, headers: dict[str, str]) -> tuple[int, int]:
    """Give a response's status, and how much of its body came before enough was enough."""
    size = 0
    with httpx.stream("GET", url, headers=headers, timeout=60) as answer:
        for part in answer.iter_raw():
            size += len(part)
            if size >= _SOME_BYTES:
                break
        return answer.status_code, size


def test_a_hostile_log_is_read_in_every_way_within_bounds(server: ServerProcess, job: str) -> None:
    log = f"{server.url}/api/v1/jobs/{job}/log"
    before = memory_peak_bytes(server.pid)
    statuses = set()
    for query, headers in WAYS.values():
        where = f"{log}/stderr" if query is None else f"{log}/stdout{query}"
        statuses.add(read_some(where, headers)[0])
    grown = memory_peak_bytes(server.pid) - before
    print(f"peak memory grew by {grown / 1e6:.1f} MB to {(before + grown) / 1e6:.1f} MB")  # noqa: T201
    assert statuses <= {200, 206}
    assert grown < _GROWTH_BYTES
    assert "Traceback" not in server.log.read_text()


def test_a_job_with_a_hostile_log_has_its_pages(server: ServerProcess, job: str) -> None:
    with httpx.Client(base_url=server.url, timeout=60) as client:
        for address in ("show", "render", "render.svg"):
            answer = client.get(f"/progress/{address}", params={"id": job})
            assert (address, answer.status_code) == (address, 200)
        assert client.get(f"/api/v1/jobs/{job}").status_code == 200


@pytest.mark.parametrize("arguments", [["--tail", "5"], ["--follow", "--tail", "5"], []])
def test_a_hostile_log_is_printed_by_the_command_line(
    server: ServerProcess, job: str, arguments: Sequence[str]
) -> None:
    command = [sys.executable, "-m", "headway", "logs", *arguments, job]
    environment = {"PATH": "/usr/bin:/bin", **server.environment}
    with ending(
        subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    ) as printing:
        assert printing.stdout is not None
        assert printing.stderr is not None
        size = 0
        while size < _SOME_BYTES and (part := printing.stdout.read(1 << 20)):
            size += len(part)
        peak = memory_peak_bytes(printing.pid)
        printing.stdout.close()
        words = printing.stderr.read()
        printing.wait(60)
    assert b"Traceback" not in words
    assert peak < _GROWTH_BYTES
    assert printing.returncode == 0 or size >= _SOME_BYTES


def test_the_end_of_10_gb_comes_as_what_it_is(server: ServerProcess) -> None:
    with Client(server.url) as client:
        job = client.submit(["sh", "-c", SPARSE])
        client.wait(job.id, timeout_s=120)
    url = f"{server.url}/api/v1/jobs/{job.id}/log/stdout"
    end = httpx.get(url, headers={"Range": "bytes=-10"}, timeout=60)
    assert end.headers["content-range"].endswith(f"-{_SPARSE_BYTES - 1}/{_SPARSE_BYTES}")
    assert end.content == bytes(10)
    assert httpx.get(url, headers={"Range": "bytes=0-5"}, timeout=60).content == b"first\n"
