"""Runs a notebook's cells in IPython, as a kernel would, and prints what they showed: a line of JSON for each cell."""

import json
import sys
from pathlib import Path

from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output


def main(path: str) -> None:
    shell = InteractiveShell.instance()
    for cell in json.loads(Path(path).read_text("utf-8"))["cells"]:
        if cell["cell_type"] != "code":
            continue
        with capture_output() as shown:
            done = shell.run_cell("".join(cell["source"]))  # type: ignore[no-untyped-call]
        done.raise_error()
        outputs = [output.data for output in shown.outputs]
        sys.stdout.write(json.dumps({"outputs": outputs, "printed": shown.stdout}) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
