"""``headway retry``."""

from collections.abc import Sequence

import click

from headway.cli.chosen import are_ids, change_found, yes_option
from headway.cli.query import query_of
from headway.cli.server import Place, examples, json_lines_option, server_options


@click.command(
    epilog=examples("headway retry 42", "headway retry state:failed label:campaign-3 --yes")
)
@click.argument("words", metavar="ID...|QUERY", nargs=-1, required=True)
@yes_option
@json_lines_option
@server_options
def retry(*, place: Place, words: Sequence[str], yes: bool, as_json: bool) -> int:
    """Run ended jobs again.

    Each keeps its number and gets its next attempt. What the attempt before wrote stays:
    `headway logs --attempt 1`. Its progress and counters begin anew.
    A QUERY is what `headway jobs` takes; how many it finds is told first, and asked.
    """
    from headway.cli.acting import act_on_each
    from headway.cli.clients import client_for
    from headway.sdk.model import JobDocument

    def shown(job: JobDocument) -> str:
        return f"{job.number} {job.state}, attempt {job.attempt}"

    with client_for(place) as client:
        if are_ids(words):
            return act_on_each(words, client.retry, shown=shown, as_json=as_json)[1]
        query = query_of(words)
        return change_found(
            client, query, "retry", verb="Retry", done="accepted again", yes=yes, as_json=as_json
        )
