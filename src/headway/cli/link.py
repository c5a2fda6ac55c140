"""``headway link``."""

from typing import Final

import click

from headway.cli.output import say, write_json
from headway.cli.server import Place, examples, json_option, server_options

KINDS: Final = ("page", "png", "svg", "badge", "log")


@click.command(epilog=examples("headway link 42", "headway link 42 --what badge --expires 90d"))
@click.argument("job_id", metavar="ID")
@click.option(
    "--what",
    type=click.Choice(KINDS),
    default="page",
    show_default=True,
    help="What the link shows, and nothing else. The page shows the log and all that is known of the job too; "
    "log is the text alone, of stdout, and says beside it where that of stderr is.",
)
@click.option(
    "--expires",
    metavar="TIME",
    default="7d",
    show_default=True,
    help="Good for 12h, 30d …; 366d at most.",
)
@json_option
@server_options
def link(*, place: Place, job_id: str, what: str, expires: str, as_json: bool) -> int:
    """Make a link that shows a job to whoever has it, until it expires.

    It shows this one job and changes nothing. It cannot be called back before it expires.
    """
    from headway.cli.times import read_span_s
    from headway.core.errors import InvalidRequest
    from headway.core.model.link import LONGEST, SHORTEST
    from headway.sdk import answers, requests
    from headway.sdk.problems import check
    from headway.views.words import moment

    seconds = read_span_s(expires, field="expires")
    if not SHORTEST.total_seconds() <= seconds <= LONGEST.total_seconds():
        raise InvalidRequest(f"expires must be from 1m to 366d, not {expires!r}", field="expires")
    with place.connection() as connection:
        response = check(
            connection.send(requests.make_link(job_id, what=what, expires_in_s=seconds))
        )
    if as_json:
        write_json(response.body)
        return 0
    made = answers.link(response)
    print(made.url, flush=True)
    if made.stderr_url is not None:
        say(f"what went to standard error: {made.stderr_url}")
    say(f"whoever has this link can read it until {moment(made.expires)}")
    return 0
