"""Write docs/reference/shape.md, events.md and the tables of docs/explanation/states.md from docs/reference/shape/*.toml.

    python tools/shape.py            write them
    python tools/shape.py --check    exit 1 and name the page if one is not up to date

The data say, for each protocol, which request calls which core operation, and which word stands for which (state, reason).
tests/architecture/test_shape.py holds them against the code.
"""

import argparse
import sys
from pathlib import Path

from shape_data import ROOT, Shape, load
from shape_pages import events_page, shape_page, states_page


def pages(shape: Shape) -> dict[Path, str]:
    """Give each page's text as it should be."""
    states = ROOT / "docs" / "explanation" / "states.md"
    return {
        ROOT / "docs" / "reference" / "shape.md": shape_page(shape),
        ROOT / "docs" / "reference" / "events.md": events_page(shape),
        states: states_page(shape, states.read_text("utf-8")),
    }


def main(arguments: list[str]) -> int:
    """Write the pages, or check them."""
    parser = argparse.ArgumentParser(description="Make the shape tables from their data.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if stale")
    check = parser.parse_args(arguments).check
    stale = [
        (path, text)
        for path, text in pages(load()).items()
        if not path.exists() or path.read_text("utf-8") != text
    ]
    for path, text in stale:
        name = path.relative_to(ROOT)
        if check:
            sys.stderr.write(f"{name} is not what its data say: run python tools/shape.py\n")
        else:
            path.write_text(text, "utf-8")
            sys.stdout.write(f"wrote {name}\n")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
