"""Where words go: data to stdout, messages to stderr, colours only where somebody sees them."""

import sys
from collections.abc import Mapping
from typing import Final, TextIO

from headway.sdk.environment import environment

RESET: Final = "\x1b[0m"
BOLD: Final = "\x1b[1m"
DIM: Final = "\x1b[2m"

#: The colour of a state's word. Each state is also told by its word, never by colour alone.
STATE_COLOURS: Final[Mapping[str, str]] = {
    "accepted": "\x1b[2m",
    "queued": "\x1b[36m",
    "running": "\x1b[34m",
    "succeeded": "\x1b[32m",
    "failed": "\x1b[31m",
    "cancelled": "\x1b[35m",
}
#: That of a job which no waiting helps.
IN_VAIN: Final = "\x1b[33m"


def say(message: str) -> None:
    """Write a message to stderr, as one line of plain text."""
    from headway.views.clean import clean

    print(f"headway: {clean(message, 2000)}", file=sys.stderr, flush=True)


def is_terminal(stream: TextIO) -> bool:
    """Tell whether a person sees the stream, on something that understands escape sequences."""
    return stream.isatty() and environment().get("TERM") != "dumb"


def has_colour(stream: TextIO) -> bool:
    """Tell whether to write colours; never with NO_COLOR.

    Source: no-color.org: set and not empty.
    """
    return is_terminal(stream) and not environment().get("NO_COLOR")


def painted(text: str, *codes: str) -> str:
    """Give text in a colour when stdout takes colours."""
    return f"{''.join(codes)}{text}{RESET}" if codes and has_colour(sys.stdout) else text


def write_json(document: bytes) -> None:
    """Write one JSON document and a line end to stdout, as it is."""
    sys.stdout.flush()
    sys.stdout.buffer.write(document + b"\n")
    sys.stdout.buffer.flush()


def encode_json(value: object) -> bytes:
    """Give a value as JSON."""
    from msgspec import json

    return json.encode(value)
