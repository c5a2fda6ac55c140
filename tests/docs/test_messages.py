"""Every message that the page on trouble explains is one that the program can say."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
PAGE: Final = (ROOT / "docs/howto/troubleshooting.md").read_text("utf-8")
EXPLAINED: Final = re.findall(r"^### `(.+)`$", PAGE, re.MULTILINE)
VALUE: Final = "\0"
#: Where a server says why it cannot begin.
BEGINNING: Final = (
    "app/clusters.py",
    "app/data_dir.py",
    "app/listening.py",
    "app/serve.py",
    "app/server.py",
    "app/stage_roots.py",
    "app/system.py",
    "app/wiring.py",
    "cli/configuration.py",
    "cli/joblauncher_file.py",
    "stores/sql/filesystems.py",
    "stores/sql/lock.py",
    "stores/sql/opening.py",
)


def text_of(node: ast.AST) -> str | None:
    """Give a text, one in pieces as one; what is filled in is ``VALUE``. None for what is no text."""
    if isinstance(node, ast.JoinedStr):
        pieces = [part.value if isinstance(part, ast.Constant) else VALUE for part in node.values]
        return "".join(map(str, pieces))
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return None


@cache
def said() -> str:
    files = sorted((ROOT / "src/headway").rglob("*.py"))
    nodes = (node for file in files for node in ast.walk(ast.parse(file.read_text("utf-8"))))
    return "\n".join(text for text in map(text_of, nodes) if text is not None)


def pattern_of(message: str) -> re.Pattern[str]:
    """Give what an explained message looks like in the code."""
    return re.compile("[^\n]*".join(map(re.escape, message.strip("… ").split("…"))))


def refusals_of(file: Path) -> Iterator[str]:
    """Give the messages with which a file raises errors."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and node.exc.args:
            text = text_of(node.exc.args[0])
            if text is not None:
                yield text


@pytest.mark.parametrize("message", EXPLAINED)
def test_a_message_that_is_explained_can_be_said(message: str) -> None:
    assert pattern_of(message).search(said()), message


@pytest.mark.parametrize("name", BEGINNING)
def test_every_reason_why_a_server_cannot_begin_is_explained(name: str) -> None:
    refusals = list(refusals_of(ROOT / "src/headway" / name))
    patterns = [pattern_of(message) for message in EXPLAINED]
    assert refusals
    assert [text for text in refusals if not any(one.search(text) for one in patterns)] == []


def test_many_messages_are_explained() -> None:
    assert len(EXPLAINED) > 30
