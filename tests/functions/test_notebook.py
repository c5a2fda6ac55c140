"""The example notebook, run against a real server."""

import json
import os
import subprocess
import sys
from pathlib import Path

from headway.testing.server import ServerProcess

ROOT = Path(__file__).parents[2]


def test_the_notebook_submits_shows_the_card_and_awaits(
    server: ServerProcess, tmp_path: Path
) -> None:
    words = [
        str(Path(__file__).with_name("run_notebook.py")),
        str(ROOT / "docs/examples/functions.ipynb"),
    ]
    done = subprocess.run(
        [sys.executable, *words],
        env={**os.environ, **server.environment, "IPYTHONDIR": str(tmp_path)},  # noqa: TID251
        stdout=subprocess.PIPE,
        check=True,
        timeout=240,
    )
    cells = [json.loads(line) for line in done.stdout.splitlines()]
    cards = [output["text/html"] for cell in cells for output in cell["outputs"]]
    assert "/j/1" in cards[0]
    assert "succeeded" in cards[-1]
    assert [cell["printed"].strip().endswith(": 3") for cell in cells].count(True) == 2
