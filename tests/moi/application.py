"""moi's example web server, moved to Headway by changing its imports; its jobs sleep for less."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from tests.faults.server.patience import eventually
from tests.moi.conftest import ORIGINALS

from headway.app.listening import reserved_port
from headway.testing.server import ServerProcess

_CHANGED: Mapping[str, str] = {
    r"from moi(\.\w+)? import": r"from headway.moi\1 import",
    r"sleep\(5\)": "sleep(0.1)",
}


def moved(text: str) -> str:
    """Change the imports of a program of moi's."""
    for old, new in _CHANGED.items():
        text = re.sub(old, new, text)
    return text


@contextmanager
def running_application(directory: Path, server: ServerProcess) -> Iterator[str]:
    """Run the example in a process of its own; gives its address."""
    example = ORIGINALS / "example"
    for page in example.glob("*.html"):
        shutil.copy(page, directory)
    for script in ORIGINALS.glob("*.js"):
        shutil.copy(script, directory)
    program = directory / "webserver.py"
    program.write_text(moved((example / "webserver.py.txt").read_text()))
    environment = {**_plain_environment(), **server.environment}
    log = directory / "log"
    with reserved_port("127.0.0.1") as port, log.open("wb") as written:
        process = subprocess.Popen(
            [sys.executable, program, f"--port={port}"],
            stdout=written,
            stderr=written,
            env=environment,
            cwd=directory,
        )
        url = f"http://127.0.0.1:{port}"
        try:
            eventually(lambda: _answers(url, process, log), what=f"{url} answers")
            yield url
        finally:
            process.terminate()
            process.wait()


def _plain_environment() -> dict[str, Any]:

    kept = os.environ.items()  # noqa: TID251
    return {key: value for key, value in kept if not key.startswith(("HEADWAY_", "MOI_"))}


def _answers(url: str, process: "subprocess.Popen[bytes]", log: Path) -> bool:
    assert process.poll() is None, log.read_text()
    try:
        with urlopen(f"{url}/static/moi.js"):
            return True
    except OSError:
        return False
