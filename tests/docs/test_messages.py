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


def texts_of(tree: ast.AST) -> Iterator[str]:
    """Give a file's texts, those in pieces as one; what is filled in is ``VALUE``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield "".join(
                str(part.value) if isinstance(part, ast.Constant) else VALUE for part in node.values
            )
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


@cache
def said() -> str:
    files = sorted((ROOT / "src/headway").rglob("*.py"))
    return "\n".join(
        text for file in files for text in texts_of(ast.parse(file.read_text("utf-8")))
    )


@pytest.mark.parametrize("message", EXPLAINED)
def test_a_message_that_is_explained_can_be_said(message: str) -> None:
    words = [re.escape(part) for part in message.strip("… ").split("…")]
    assert re.search("[^\n]*".join(words), said()), message


def test_many_messages_are_explained() -> None:
    assert len(EXPLAINED) > 30
