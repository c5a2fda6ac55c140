"""``headway job``."""

import click

from headway.cli.output import write_json
from headway.cli.server import Place, examples, json_option, server_options
from headway.sdk import requests
from headway.sdk.problems import check


@click.command(epilog=examples("headway job 42", "headway job 42 --json | jq .state"))
@click.argument("job_id", metavar="ID")
@json_option
@server_options
def job(*, place: Place, job_id: str, as_json: bool) -> int:
    """Show all that is known of a job.

    ID is its number or its UUID.
    """
    with place.connection() as connection:
        response = check(connection.send(requests.job(job_id)))
        if as_json:
            write_json(response.body)
            return 0
        from headway.cli.portrait import print_job
        from headway.sdk import answers

        shown = answers.job(response)
        workers = answers.workers(connection.send(requests.workers(job_id))).workers
        print_job(shown, workers)
    return 0
