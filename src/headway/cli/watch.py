"""``headway watch``."""

from collections.abc import Sequence

import click

from headway.cli.server import Place, examples, json_lines_option, server_options


@click.command(
    epilog=examples("headway watch", "headway watch 42", "headway watch 42 43 --json | jq .type")
)
@click.argument("job_ids", metavar="[ID...]", nargs=-1)
@json_lines_option
@server_options
def watch(*, place: Place, job_ids: Sequence[str], as_json: bool) -> int:
    """Watch jobs live: those named, with their workers, or all that go on.

    With IDs it ends when they have ended; the status is 0 when all have succeeded, else 1.
    On a terminal bars move; elsewhere each change is a line.
    """
    from headway.cli.clients import client_for
    from headway.cli.following import unless_interrupted
    from headway.cli.watching import watch_jobs

    with client_for(place) as client, unless_interrupted(job_ids):
        return watch_jobs(client, job_ids, as_json=as_json)
