"""What files cost a job: one with two small ones beside the same job without, through the whole server."""

import statistics
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec

from bench.figure import Figure
from bench.http import Caller
from bench.processes import kept_place, noting_server, seconds_until

JOBS = 200
_TRUE = b'{"command":["/bin/true"]}'


def staging(_seconds: float) -> Sequence[Figure]:
    """One job at a time, asked for at joblauncher's /job."""
    place = kept_place()
    jobdir = place / "jobdir"
    jobdir.mkdir()
    for name in ("runme.sh", "input_file"):
        (jobdir / name).write_text("Lorem ipsum\n")
    request = {
        "jobdir": str(jobdir),
        "executable": "/bin/true",
        "prestaged": ["runme.sh", "input_file"],
        "poststaged": ["runme.sh", "input_file"],
    }
    body = msgspec.json.encode(request)
    with noting_server(place) as (server, file):
        caller = Caller(server.url)
        for _ in range(JOBS + 1):
            _one(caller, file, "/job", body)
            _one(caller, file, "/api/v1/jobs", _TRUE)
            time.sleep(0.005)
        caller.close()
    times_ms = [float(line) for line in file.read_text().split()][2:]
    plain = statistics.median(times_ms[1::2])
    more = statistics.median(times_ms[::2]) - plain
    return (
        Figure(
            part="staging",
            what="two small files in, two and both outputs out: p50 more",
            value=more,
            unit="ms",
            floor="10 ms",
            limit=f"the same job without: {plain:.1f} ms",
            ratio=more / plain,
        ),
    )


def _one(caller: Caller, file: Path, path: str, body: bytes) -> None:
    """Have a job run to its end, and ask nothing of the server meanwhile."""
    before = file.stat().st_size
    head = (
        b"POST %b HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        b"Content-Length: %d\r\n\r\n" % (path.encode(), len(body))
    )
    caller.raw(head + body)
    seconds_until(lambda: file.stat().st_size > before)
