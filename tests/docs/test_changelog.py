"""The changelog's fragments become a changelog."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
FRAGMENTS: Final = [path for path in (ROOT / "changelog.d").iterdir() if path.suffix == ".md"]


def test_every_fragment_is_in_the_next_release() -> None:
    draft = subprocess.run(
        [sys.executable, "-m", "towncrier", "build", "--draft", "--version", "9.9.9"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert draft.returncode == 0, draft.stderr
    shown = " ".join(draft.stdout.split())
    missing = [
        path.name for path in FRAGMENTS if " ".join(path.read_text("utf-8").split()) not in shown
    ]
    assert missing == []


def test_every_fragment_is_named_after_its_subject_and_kind() -> None:
    kinds = re.compile(r"[a-z0-9-]+\.(added|changed|fixed|removed)\.md")
    assert [path.name for path in FRAGMENTS if not kinds.fullmatch(path.name)] == []
