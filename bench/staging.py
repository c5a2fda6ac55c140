"""What files cost a job: one with two small ones beside the same job without, through the whole server."""

import statistics
import time
from collections.abc import Sequence

import msgspec

from bench.figure import Figure
from bench.http import Caller
from bench.processes import kept_place, real_server, seconds_until

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
    with_ms, without_ms = [], []
    with real_server(place / "data") as server:
        caller = Caller(server.url)
        for _ in range(JOBS):
            with_ms.append(_one_ms(caller, "/job", body))
            without_ms.append(_one_ms(caller, "/api/v1/jobs", _TRUE))
            time.sleep(0.005)
        caller.close()
    plain = statistics.median(without_ms)
    more = statistics.median(with_ms) - plain
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


def _one_ms(caller: Caller, path: str, body: bytes) -> float:
    """Give how long a job takes, from the request to its end being seen."""
    begun = time.perf_counter()
    head = (
        b"POST %b HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        b"Content-Length: %d\r\n\r\n" % (path.encode(), len(body))
    )
    caller.raw(head + body)
    seconds_until(lambda: caller.get("/api/v1/jobs?limit=1")["jobs"][0]["state"] == "succeeded")
    return 1e3 * (time.perf_counter() - begun)
