"""``headway adopt``."""

import click

from headway.cli.output import say, write_json
from headway.cli.server import Place, examples, json_option, server_options


@click.command(
    epilog=examples("headway adopt", "headway adopt --json", "headway jobs kind:adopted")
)
@json_option
@server_options
def adopt(*, place: Place, as_json: bool) -> int:
    """See which clusters' jobs are shown though they were not submitted through Headway.

    LISTED is how many such jobs the scheduler lists for you now. They are in all lists, as
    kind:adopted, and are only looked at. Start the server with --no-adopt, or give a cluster
    adopt = false in its file, to leave them out.
    """
    from headway.cli.tables import Cell, Column, print_table
    from headway.sdk import answers, requests
    from headway.sdk.problems import check
    from headway.views.clean import clean

    with place.connection() as connection:
        response = check(connection.send(requests.clusters()))
    if as_json:
        write_json(response.body)
        return 0
    clusters = [one for one in answers.clusters(response) if one.adopts or one.others is not None]
    if not clusters:
        say("no cluster with a scheduler of its own; see headway serve --cluster")
        return 0
    rows = [
        (
            Cell(clean(one.name)),
            Cell(clean(one.kind)),
            Cell("yes" if one.adopts else "no"),
            Cell("" if one.others is None else str(one.others)),
            Cell(clean(one.detail)),
        )
        for one in clusters
    ]
    names = ("CLUSTER", "KIND", "ADOPTS", "LISTED", "DETAIL")
    print_table([Column(name) for name in names], rows)
    return 0
