"""``headway watch``."""

from collections.abc import Sequence

import click

from headway.cli.server import Place, examples, json_lines_option, server_options


@click.command(
    epilog=examples(
        "headway watch",
        "headway watch 42",
        "headway watch label:campaign-3 NOT state:succeeded",
        "headway watch 42 43 --json | jq .type",
    )
)
@click.argument("words", metavar="[ID...|QUERY]", nargs=-1)
@json_lines_option
@server_options
def watch(*, place: Place, words: Sequence[str], as_json: bool) -> int:
    """Watch jobs live.

    Those named, with their workers; those that a QUERY finds, as for `headway jobs`; else all
    that go on. With IDs it ends when they have ended; the status is 0 when all have succeeded, else 1.
    On a terminal bars move; elsewhere each change is a line.
    """
    from headway.cli.chosen import are_ids
    from headway.cli.clients import client_for
    from headway.cli.following import unless_interrupted
    from headway.cli.query import query_of
    from headway.cli.watching import watch_jobs

    job_ids = words if are_ids(words) else ()
    query = None if job_ids or not words else query_of(words)
    with client_for(place) as client, unless_interrupted(job_ids):
        return watch_jobs(client, job_ids, query=query, as_json=as_json)
