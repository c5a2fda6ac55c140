"""``headway run``."""

from collections.abc import Sequence

import click

from headway.cli.output import say
from headway.cli.server import Place, examples, server_options


@click.command(
    context_settings={"allow_interspersed_args": False},
    epilog=examples(
        "headway run -- python train.py",
        "headway run --name reduce -l campaign-3 -- ./reduce.sh 2026-03-01",
    ),
)
@click.argument("command", nargs=-1, required=True, metavar="-- COMMAND [ARGUMENT]...")
@click.option("--name", help="The job's name; else the program's.")
@click.option("--label", "-l", "labels", multiple=True, help="A label; may be repeated.")
@click.option("--quiet", "-q", is_flag=True, help="Do not say where the job can be seen.")
@server_options
def run(
    *, place: Place, command: Sequence[str], name: str | None, labels: Sequence[str], quiet: bool
) -> int:
    """Run a command here, and report how it goes.

    Put it before a command in any script: the command runs as it would, with its own input and
    output, and its status is passed on. A tqdm bar that it draws is shown live. When no server
    can be reached the command runs all the same.
    """
    from headway.cli.silence import silence_words
    from headway.core.errors import HeadwayError
    from headway.sdk import worker

    url, token = None, None
    try:
        found = place.find()
        url, token = found.url, found.token
    except HeadwayError as error:
        if not quiet:
            say(f"nothing is reported: {error}")

    def announce(job: str | None, page: str | None) -> None:
        if not quiet and url is not None:
            say(f"reporting to {page or url}" if job else silence_words(url))

    return worker.run(
        list(command), name=name, labels=list(labels), url=url, token=token, announce=announce
    )
