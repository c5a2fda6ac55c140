#!/usr/bin/env python3
"""Make docs/images/demo.png anew: the demonstration's progress job, drawn by the program while it runs."""

import re
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Final

from headway.sdk.client import Client

PICTURE: Final = Path(__file__).parents[1] / "docs" / "images" / "demo.png"
_PAGE: Final = re.compile(r"page  (http://\S+)/j/(\d+)")
_LONGEST_S: Final = 40.0


def main() -> int:
    """Play the demonstration until one worker has stalled and one has a problem, and keep the picture of that."""
    command = [sys.executable, "-m", "headway", "demo", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as demo:
        assert demo.stdout is not None
        try:
            url, number = next(found.groups() for found in map(_PAGE.search, demo.stdout) if found)
            _wait_until_it_shows_everything(url)
            with urllib.request.urlopen(f"{url}/progress/render?id={number}&scale=2") as answer:
                PICTURE.parent.mkdir(parents=True, exist_ok=True)
                PICTURE.write_bytes(answer.read())
        finally:
            demo.send_signal(signal.SIGINT)
            demo.stdout.read()
    print(f"{PICTURE}: {PICTURE.stat().st_size:,} bytes")
    return demo.returncode


def _wait_until_it_shows_everything(url: str) -> None:
    deadline = time.monotonic() + _LONGEST_S
    with Client(url) as client:
        job = next(job for job in client.jobs() if job.kind == "report")
        while time.monotonic() < deadline:
            workers = list(client.workers(job.id))
            if any(w.stalled for w in workers) and not all(w.ok for w in workers):
                return
            time.sleep(0.2)
    raise SystemExit("no worker has stalled, or none has a problem: see the demonstration")


if __name__ == "__main__":
    sys.exit(main())
