"""``headway why``."""

import sys
import textwrap
from collections.abc import Iterator
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Final

import click

from headway.cli.output import BOLD, DIM, STATE_COLOURS, is_terminal, painted, write_json
from headway.cli.server import Place, examples, json_option, server_options

if TYPE_CHECKING:
    from headway.sdk.model import Why

_WIDEST: Final = 100
_MOST_TEXT: Final = 2000


@click.command(
    epilog=examples(
        "headway why 42",
        "headway why 42 --json | jq -r .advice",
        "headway why 42 --native",
    )
)
@click.argument("job_id", metavar="ID")
@click.option("--native", is_flag=True, help="Print all that the scheduler itself has to say.")
@click.option(
    "--attempt", type=click.IntRange(1), help="With --native: what it has on an earlier attempt."
)
@json_option
@server_options
def why(*, place: Place, job_id: str, native: bool, attempt: int | None, as_json: bool) -> int:
    """Say why a job waits, or how it failed, and what to do.

    The scheduler's words are those of its last listing; --native asks it anew, as
    `scontrol show job` and its like do.
    """
    from headway.sdk import answers, requests
    from headway.sdk.problems import check

    if attempt is not None and not native:
        raise click.UsageError("--attempt goes with --native")
    with place.connection() as connection:
        asked = requests.native(job_id, attempt=attempt) if native else requests.why(job_id)
        response = check(connection.send(asked))
    if as_json:
        write_json(response.body)
    elif native:
        _print_text(answers.native(response))
    else:
        for line in why_lines(answers.why(response), width=_width()):
            print(line)
    return 0


def why_lines(told: "Why", *, width: int | None = None) -> Iterator[str]:
    """Give what is to be printed; lines of words are wrapped at ``width``, if one is given."""
    from headway.cli.times import now
    from headway.views.clean import clean
    from headway.views.words import rough

    colour = STATE_COLOURS.get(told.state, "")
    yield f"{painted(f'Job {told.number}', BOLD)} {painted(clean(told.state), colour)}"
    yield from _wrapped(clean(told.headline, _MOST_TEXT), "  ", width)
    for words in told.words:
        yield from _wrapped(clean(words, _MOST_TEXT), "  - ", width)
    if told.as_of is not None:
        age_s = max(0.0, (now() - told.as_of).total_seconds())
        yield painted(f"  (the cluster was asked {rough(age_s)} ago)", DIM)
    if told.last_lines:
        yield "  The last lines that it wrote:"
        yield from (f"  | {_plain(line)}" for line in told.last_lines)
    if told.advice is not None:
        yield from _wrapped(clean(told.advice, _MOST_TEXT), "  > ", width)


def _plain(line: str) -> str:
    """Give the text of a line without what a terminal would obey; its blanks stay."""
    from headway.cli.escapes import TerminalText

    text = TerminalText(has_colour=False)
    return text.feed(line.encode("utf-8", "replace")) + text.end()


def _wrapped(text: str, first: str, width: int | None) -> list[str]:
    """Give text below an indent; what can be typed is not cut within its words."""
    if width is None:
        return [first + text]
    return textwrap.wrap(
        text,
        max(width, 2 * len(first) + 20),
        initial_indent=first,
        subsequent_indent=" " * len(first),
        break_long_words=False,
        break_on_hyphens=False,
    )


def _width() -> int | None:
    return min(_WIDEST, get_terminal_size().columns) if is_terminal(sys.stdout) else None


def _print_text(text: str) -> None:
    """Print a scheduler's text; on a terminal only text and colours pass."""
    from headway.cli.following import sink_for

    sink = sink_for(sys.stdout)
    sink(text.encode("utf-8", "replace"))
    sink(None)
