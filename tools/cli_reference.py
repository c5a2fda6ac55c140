"""Write docs/reference/cli.md from the commands themselves.

    python tools/cli_reference.py            write it
    python tools/cli_reference.py --check    exit 1 if it is not up to date

Texts, options and examples are those that ``headway COMMAND --help`` prints, so this page cannot say anything else.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import click

from headway.cli.commands import COMMANDS, PROG, app

ROOT: Final = Path(__file__).parents[1]
PAGE: Final = ROOT / "docs" / "reference" / "cli.md"

#: Options that most commands share; they are told once, at the end.
SHARED: Final = frozenset({"--url", "--token-file", "--help"})

HEAD: Final = """\
<!-- Made by tools/cli_reference.py from the commands' own help. Edit that. -->

# The command `headway`

`headway COMMAND --help` prints what stands here. TIME is a number of seconds or such as `90s`, `30m`, `1h30m`, `2d`, `1w`.

"""

VARIABLES: Final = """\
## Options of every command that speaks to a server

| option | meaning |
|---|---|
{shared}

## Environment

| variable | meaning |
|---|---|
| `HEADWAY_URL` | the server, when there is no `--url` |
| `HEADWAY_TOKEN` | a token, when there is no `--token-file` |
| `HEADWAY_TOKEN_FILE` | a file with a token, of mode 0600, when neither is given |
| `XDG_RUNTIME_DIR`, `XDG_STATE_HOME` | where your own server has written its address: `headway/server.json` below the first, else below the second, which is `~/.local/state` by default |
| `NO_COLOR` | when set, nothing is coloured |
"""


def page() -> str:
    """Give the page's text as it should be."""
    parts = [HEAD, _plain(app.help or ""), "\n\n"]
    shared: dict[str, str] = {}
    for section, commands in COMMANDS.items():
        parts.append(f"## {section}\n\n")
        for name in commands:
            command = app.get_command(click.Context(app), name)
            if command is not None:
                parts.extend(_command(f"{PROG} {name}", command, shared))
    parts.append(VARIABLES.format(shared="\n".join(shared.values())))
    return "".join(parts)


def _command(path: str, command: click.Command, shared: dict[str, str]) -> Iterator[str]:
    context = click.Context(command, info_name=path)
    usage = " ".join(command.collect_usage_pieces(context))
    yield f"### `{path}`\n\n    {path} {usage}\n\n{_plain(command.help or '')}\n\n"
    rows = []
    for parameter in command.get_params(context):
        record = parameter.get_help_record(context)
        if not isinstance(parameter, click.Option) or record is None:
            continue
        name, meaning = record
        row = f"| `{_cell(name)}` | {_cell(meaning)} |"
        if SHARED.isdisjoint(parameter.opts):
            rows.append(row)
        else:
            shared.setdefault(parameter.name or "", row)
    if rows:
        yield "| option | meaning |\n|---|---|\n" + "\n".join(rows) + "\n\n"
    yield _examples(command.epilog or "")
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            if below is not None:
                yield from _command(f"{path} {name}", below, shared)


def _cell(text: str) -> str:
    # GitHub splits a table's row at a bar even within code.
    return " ".join(text.split()).replace("|", r"\|")


def _plain(text: str) -> str:
    """Give a help text's paragraphs; ``\\b`` only keeps click from wrapping."""
    blocks = text.replace("\b\n", "").strip().split("\n\n")
    return "\n\n".join("\n".join(line.strip() for line in block.splitlines()) for block in blocks)


def _examples(epilog: str) -> str:
    lines = epilog.replace("\b\n", "").splitlines()[1:]
    return "".join(f"    {line.strip()}\n" for line in lines) + "\n" if lines else ""


def main(arguments: list[str]) -> int:
    """Write the page, or check it."""
    parser = argparse.ArgumentParser(description="Make the reference of the command line.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if stale")
    text = page()
    if PAGE.exists() and PAGE.read_text("utf-8") == text:
        return 0
    name = PAGE.relative_to(ROOT)
    if parser.parse_args(arguments).check:
        sys.stderr.write(
            f"{name} is not what the commands say: run python tools/cli_reference.py\n"
        )
        return 1
    PAGE.write_text(text, "utf-8")
    sys.stdout.write(f"wrote {name}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
