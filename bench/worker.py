"""What reporting costs a loop, next to what tqdm costs it: ``python bench/worker.py``.

Nanoseconds an iteration (median of several rounds, the kinds taking turns within a round), for a server that takes
everything, one that hangs and none at all; and the ratio to plain tqdm in the same rounds. 1.10 is the floor to stay under.
"""

import argparse
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tqdm.std import tqdm as plain

from headway.sdk.bar import tqdm
from headway.sdk.worker import progress

KINDS = (
    "bare loop",
    "tqdm",
    "headway.tqdm",
    "headway.tqdm, disabled",
    "progress()",
    "tqdm.update",
    "bar.update",
)


class _Takes(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *args: object) -> None:  # type: ignore[explicit-override]  # Python 3.11
        """Say nothing."""


@contextmanager
def _taking() -> Iterator[str]:
    """Give the address of a server that takes every report, in a process of its own."""
    code = f"import runpy; runpy.run_path({__file__!r})['serve']()"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as child:
        if child.stdout is None:
            raise RuntimeError
        try:
            yield child.stdout.readline().strip()
        finally:
            child.terminate()


def serve() -> None:
    """Serve until killed; print the address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Takes)
    print(f"http://127.0.0.1:{server.server_address[1]}", flush=True)
    server.serve_forever()


@contextmanager
def _hanging() -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


@contextmanager
def _absent() -> Iterator[str]:
    yield "http://127.0.0.1:1"


SERVERS = {"takes reports": _taking, "hangs": _hanging, "is not there": _absent}


def _walk(items: Iterable[int]) -> float:
    begin = time.perf_counter()
    for _ in items:
        pass
    return time.perf_counter() - begin


def _call(update: Callable[[], object], count: int) -> float:
    begin = time.perf_counter()
    for _ in range(count):
        update()
    return time.perf_counter() - begin


def measure(count: int, rounds: int) -> None:
    """Print one line a kind: nanoseconds and the ratio to tqdm. Runs in a process whose environment names the job."""
    taken: dict[str, list[float]] = {kind: [] for kind in KINDS}
    with Path(os.devnull).open("w") as screen:
        for _ in range(rounds):
            taken["bare loop"].append(_walk(range(count)))
            taken["tqdm"].append(_walk(plain(range(count), file=screen)))
            taken["headway.tqdm"].append(_walk(tqdm(range(count), file=screen)))
            taken["headway.tqdm, disabled"].append(_walk(tqdm(range(count), disable=True)))
            taken["progress()"].append(_walk(progress(range(count))))
            with plain(total=count, file=screen) as theirs:
                taken["tqdm.update"].append(_call(theirs.update, count))
            with progress(total=count) as ours:
                taken["bar.update"].append(_call(ours.update, count))
    for kind, seconds in taken.items():
        base = taken["tqdm.update" if kind == "bar.update" else "tqdm"]
        ratio = statistics.median(a / b for a, b in zip(seconds, base, strict=True))
        print(f"  {kind:24}{statistics.median(seconds) / count * 1e9:8.1f} ns{ratio:8.2f} x tqdm")


def main() -> None:
    """Measure once a kind of server, each in a fresh process."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=2_000_000, help="iterations a round")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.here:
        measure(chosen.count, chosen.rounds)
        return
    for name, address in SERVERS.items():
        with address() as url:
            print(f"a server that {name}", flush=True)
            environment = {**os.environ, "HEADWAY_URL": url, "HEADWAY_JOB_ID": "bench"}
            size = ["--count", str(chosen.count), "--rounds", str(chosen.rounds)]
            subprocess.run([sys.executable, __file__, "--here", *size], env=environment, check=True)


if __name__ == "__main__":
    main()
