"""Parts of a log, by line numbers or by what is in the lines."""

import re
from collections.abc import Mapping
from typing import Final

import click

from headway.cli.following import Sink, sink_for
from headway.cli.output import encode_json, say, write_json
from headway.sdk.connection import Connection
from headway.sdk.lines import read_lines, search
from headway.sdk.specs import Sought

_RANGE: Final = re.compile(r"(-?[0-9]{1,15})?(?:(:)(-?[0-9]{1,15})?)?")
_NONE_FOUND: Final = 3


def read_range(text: str) -> tuple[int, int | None]:
    """Read ``A:B``, ``A:``, ``:B`` or ``A``: the numbers of the first and the last line; negative ones count from the end."""
    found = _RANGE.fullmatch(text)
    first, colon, last = found.groups() if found else (None, None, None)
    if (first is None and last is None) or "0" in (first, last):
        raise click.UsageError(
            f"--lines takes numbers from 1 such as 10:20, 10: or :20, or from the end -20:, not {text!r}"
        )
    begin = int(first or 1)
    return begin, (int(last) if last else None) if colon else begin


def print_lines(
    connection: Connection, ref: str, sinks: Mapping[str, Sink], lines: str, attempt: int | None
) -> int:
    """Print lines of each stream to its own sink."""
    first, last = read_range(lines)
    cut = 0
    for stream, sink in sinks.items():
        for part in read_lines(
            connection.send, ref, stream, first=first, last=last, attempt=attempt
        ):
            sink("".join(f"{line}\n" for line in part.lines).encode("utf-8", "replace"))
            cut += len(part.cut)
        sink(None)
    if cut:
        what = "one line is" if cut == 1 else f"{cut} lines are"
        say(f"{what} longer than 8 KiB and cut; without --lines they are whole")
    return 0


def print_matches(
    connection: Connection,
    ref: str,
    streams: Mapping[str, Sink],
    sought: Sought,
    *,
    as_json: bool,
) -> int:
    """Print the lines that match, each with its number, and its stream where there are several."""
    import sys

    out = sink_for(sys.stdout)
    count = 0
    for stream in streams:
        prefix = f"{stream}:" if len(streams) > 1 else ""
        for match in search(connection.send, ref, stream, sought):
            count += 1
            if as_json:
                shown = {"stream": stream, "line": match.line, "text": match.text}
                write_json(encode_json({**shown, "start": match.start, "end": match.end}))
            else:
                out(f"{prefix}{match.line}:{match.text}\n".encode("utf-8", "replace"))
    out(None)
    if not count:
        say("nothing found")
    return 0 if count else _NONE_FOUND
