"""The table of a job's way in ARCHITECTURE.md names what is there."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROW = re.compile(r"^\| [^|]+ \| `(src/[^`]+\.py)` \| `(\w+)` \|", re.MULTILINE)
HOPS = ROW.findall((ROOT / "ARCHITECTURE.md").read_text())


def test_the_table_has_its_rows() -> None:
    assert len(HOPS) >= 12


@pytest.mark.parametrize(("path", "name"), HOPS)
def test_a_hop_is_where_the_table_says(path: str, name: str) -> None:
    tree = ast.parse((ROOT / path).read_text())
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    defined = {node.name for node in tree.body if isinstance(node, kinds)}
    assert name in defined


def test_every_package_of_the_code_map_is_there() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text()
    names = set(re.findall(r"`((?:\w+/)+)`", text.partition("## Code map")[2].partition("##")[0]))
    missing = [name for name in names if not (ROOT / "src" / "headway" / name).is_dir()]
    assert missing == []
