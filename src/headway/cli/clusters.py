"""``headway clusters``."""

import click

from headway.cli.output import write_json
from headway.cli.server import Place, examples, json_option, server_options


@click.command(epilog=examples("headway clusters", "headway clusters --json"))
@json_option
@server_options
def clusters(*, place: Place, as_json: bool) -> int:
    """List where jobs run, how many wait and run there, and whether all is well."""
    from headway.cli.tables import Cell, Column, print_table
    from headway.sdk import answers, requests
    from headway.sdk.problems import check
    from headway.views.clean import clean

    with place.connection() as connection:
        response = check(connection.send(requests.clusters()))
    if as_json:
        write_json(response.body)
        return 0
    names = ("NAME", "KIND", "HEALTH", "ACCEPTED", "QUEUED", "RUNNING", "ROOM", "RUNS AS", "DETAIL")
    rows = [
        (
            Cell(clean(one.name)),
            Cell(clean(one.kind)),
            Cell(one.health),
            Cell(str(one.accepted)),
            Cell(str(one.queued)),
            Cell(str(one.running)),
            Cell("" if one.room is None else str(one.room)),
            Cell("each job's owner" if one.runs_as is None else clean(one.runs_as)),
            Cell(clean(one.detail)),
        )
        for one in answers.clusters(response)
    ]
    print_table([Column(name) for name in names], rows)
    return 0
