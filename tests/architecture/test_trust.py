"""Every promise in TRUST.md names a test that is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TESTS = re.findall(r"\| `(tests/[^`]+\.py)` \|", (ROOT / "TRUST.md").read_text())


def test_there_are_promises() -> None:
    assert len(TESTS) >= 15


@pytest.mark.parametrize("path", TESTS)
def test_a_promises_test_is_there(path: str) -> None:
    text = (ROOT / path).read_text()
    assert "def test_" in text or "TestCase" in text
