"""``headway hide`` and ``headway unhide``."""

from collections.abc import Sequence

import click

from headway.cli.chosen import are_ids, change_found, yes_option
from headway.cli.query import query_of
from headway.cli.server import Place, examples, json_lines_option, server_options


@click.command(epilog=examples("headway hide 42 43", "headway hide state:succeeded label:test"))
@click.argument("words", metavar="ID...|QUERY", nargs=-1, required=True)
@yes_option
@json_lines_option
@server_options
def hide(*, place: Place, words: Sequence[str], yes: bool, as_json: bool) -> int:
    """Leave jobs out of lists.

    Nothing else happens to them: they run on, and are found by number. `headway unhide` undoes it.
    A QUERY is what `headway jobs` takes; how many it finds is told first, and asked.
    """
    return _hide(place, words, hidden=True, yes=yes, as_json=as_json)


@click.command(epilog=examples("headway unhide 42 43", "headway unhide hidden:true label:test"))
@click.argument("words", metavar="ID...|QUERY", nargs=-1, required=True)
@yes_option
@json_lines_option
@server_options
def unhide(*, place: Place, words: Sequence[str], yes: bool, as_json: bool) -> int:
    """Take hidden jobs into lists again.

    A QUERY is what `headway jobs` takes; how many it finds is told first, and asked.
    """
    return _hide(place, words, hidden=False, yes=yes, as_json=as_json)


def _hide(place: Place, words: Sequence[str], *, hidden: bool, yes: bool, as_json: bool) -> int:
    from headway.cli.acting import act_on_each
    from headway.cli.clients import client_for
    from headway.sdk.model import JobDocument

    done = "hidden" if hidden else "shown again"

    def shown(job: JobDocument) -> str:
        return f"{job.number} {done}"

    with client_for(place) as client:
        if are_ids(words):
            act = client.hide if hidden else client.unhide
            return act_on_each(words, act, shown=shown, as_json=as_json)[1]
        action, verb = ("hide", "Hide") if hidden else ("unhide", "Show again")
        query = query_of(words)
        return change_found(client, query, action, verb=verb, done=done, yes=yes, as_json=as_json)
