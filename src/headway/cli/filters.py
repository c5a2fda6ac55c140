"""``headway filters``."""

from collections.abc import Sequence

import click

from headway.cli.output import say, write_json
from headway.cli.server import Place, examples, json_option, server_options


@click.group(
    epilog=examples(
        "headway filters save failed state:failed 'created:>2d'", "headway jobs --filter failed"
    )
)
def filters() -> None:
    """List, save and delete filters.

    A filter is a query under a name. Everybody has their own; the page shows the same ones.
    """


@filters.command("list", epilog=examples("headway filters list"))
@json_option
@server_options
def list_filters(*, place: Place, as_json: bool) -> int:
    """List your filters."""
    from headway.cli.tables import Cell, Column, print_table
    from headway.sdk import answers, requests
    from headway.sdk.problems import check
    from headway.views.clean import clean

    with place.connection() as connection:
        response = check(connection.send(requests.filters()))
    if as_json:
        write_json(response.body)
        return 0
    rows = [(Cell(clean(one.name)), Cell(clean(one.q))) for one in answers.filters(response)]
    if rows:
        print_table([Column("NAME"), Column("QUERY")], rows)
    else:
        say("there are no filters; keep one with `headway filters save NAME QUERY`")
    return 0


@filters.command(
    epilog=examples(
        "headway filters save failed state:failed 'created:>2d'",
        "headway filters save mine 'owner:alice -label:(test OR old)'",
    )
)
@click.argument("name")
@click.argument("query", nargs=-1, required=True)
@json_option
@server_options
def save(*, place: Place, name: str, query: Sequence[str], as_json: bool) -> int:
    """Keep a query under a name, in place of what had that name."""
    from shlex import quote

    from headway.cli.query import query_of
    from headway.sdk import requests
    from headway.sdk.problems import check

    with place.connection() as connection:
        response = check(connection.send(requests.save_filter(name, query_of(query))))
    if as_json:
        write_json(response.body)
    else:
        say(f"`headway jobs --filter {quote(name)}` finds these jobs now")
    return 0


@filters.command(epilog=examples("headway filters delete failed"))
@click.argument("names", metavar="NAME...", nargs=-1, required=True)
@server_options
def delete(*, place: Place, names: Sequence[str]) -> int:
    """Forget filters."""
    from headway.sdk import requests
    from headway.sdk.problems import check

    with place.connection() as connection:
        for name in dict.fromkeys(names):
            check(connection.send(requests.delete_filter(name)))
            say(f"filter {name} is deleted")
    return 0
