#!/usr/bin/env python3
"""Make docs/images/page.png anew: the list of jobs in a real browser, over a server with real jobs."""

import tempfile
import time
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Final

from playwright.sync_api import sync_playwright

from headway.sdk.client import Client
from headway.testing.server import cancel_all, running_server

PICTURE: Final = Path(__file__).parents[1] / "docs" / "images" / "page.png"
CHROMIUM: Final = "/usr/bin/chromium"
_SIZE: Final = {"width": 1280, "height": 620}
_SHORT: Final = (
    ("fit-spectra", "exit 0", ("night-12",)),
    ("fit-spectra", "echo 'FITS header: no keyword NAXIS3' >&2; exit 3", ("night-11",)),
    ("mosaic north", "exit 0", ("survey",)),
    ("mosaic south", "exit 0", ("survey",)),
    ("unpack raw data", "exit 0", ("survey", "night-12")),
    ("photometry", "kill -9 $$", ("night-12",)),
)
_REPORTERS: Final = (
    ("flagging", 16, 40),
    ("beamformer calibration", 24, 71),
    ("imaging, band 3", 8, 18),
)


def main() -> None:
    """Play, wait until everything has begun, and take the picture."""
    with tempfile.TemporaryDirectory() as place, running_server(Path(place) / "data") as server:
        with Client(server.url) as client:
            for name, script, labels in _SHORT:
                client.wait(client.submit(["sh", "-c", script], name=name, labels=labels).id)
            stopped = client.submit(["sleep", "60"], name="simulate 4096^3", labels=["survey"]).id
            client.cancel(stopped)
            client.wait(stopped)
            client.submit(["sleep", "60"], name="convert to HDF5", labels=["night-12"])
            _report(server.url)
            time.sleep(2.5)
            _report(server.url, more=4)
        _take(server.url)
        cancel_all(server.url)
    print(f"{PICTURE}: {PICTURE.stat().st_size:,} bytes")


def _report(url: str, *, more: int = 0) -> None:
    for name, workers, done in _REPORTERS:
        if not more:
            called = urllib.parse.urlencode({"jobid": name, "desc": name})
            urllib.request.urlopen(f"{url}/progress/create?{called}").close()
        for number in range(workers):
            query = urllib.parse.urlencode(
                {"jobid": name, "workid": number, "current": done + number % 5 + more, "total": 100}
            )
            urllib.request.urlopen(f"{url}/progress/update?{query}").close()


def _take(url: str) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport=_SIZE, device_scale_factor=2, color_scheme="light")
        page.goto(url)
        page.get_by_text("flagging").wait_for()
        page.wait_for_timeout(1500)
        PICTURE.parent.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=PICTURE)
        browser.close()


if __name__ == "__main__":
    main()
