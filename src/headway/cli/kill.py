"""``headway kill``."""

from collections.abc import Sequence

import click

from headway.cli.chosen import are_ids, change_found, yes_option
from headway.cli.output import say, write_json
from headway.cli.query import query_of
from headway.cli.server import Place, examples, json_lines_option, server_options
from headway.sdk.client import Client


@click.command(
    epilog=examples(
        "headway kill 42",
        "headway kill 42 43 --wait",
        "headway kill state:queued label:campaign-3",
    )
)
@click.argument("words", metavar="ID...|QUERY", nargs=-1, required=True)
@click.option("--wait", is_flag=True, help="Wait until they have ended.")
@yes_option
@json_lines_option
@server_options
def kill(*, place: Place, words: Sequence[str], wait: bool, yes: bool, as_json: bool) -> int:
    """Cancel jobs.

    Each is asked to end, and made to a few seconds later. A job that has ended stays as it is.
    A QUERY is what `headway jobs` takes; how many it finds is told first, and asked.
    The status is that of the first that could not be cancelled.
    """
    from headway.cli.clients import client_for

    with client_for(place) as client:
        if are_ids(words):
            return _kill_named(client, words, wait=wait, as_json=as_json)

        def then(ids: Sequence[str]) -> None:
            if wait:
                _wait(client, ids, as_json=as_json)

        query = query_of(words)
        return change_found(
            client,
            query,
            "cancel",
            verb="Cancel",
            done="being cancelled",
            yes=yes,
            as_json=as_json,
            then=then,
        )


def _kill_named(client: Client, refs: Sequence[str], *, wait: bool, as_json: bool) -> int:
    from headway.cli.failures import exit_code_of
    from headway.cli.output import encode_json
    from headway.cli.tables import long_state
    from headway.core.errors import HeadwayError

    code = 0
    cancelled: list[str] = []
    for ref in dict.fromkeys(refs):
        try:
            before = client.job(ref)
            job = before if before.state.is_final else client.cancel(ref)
        except HeadwayError as error:
            say(f"{ref}: {error}")
            code = code or exit_code_of(error)
            continue
        if before.state.is_final and not as_json:
            print(f"{job.number} had ended before: {long_state(job)}")
            continue
        cancelled.append(job.id)
        if not wait and as_json:
            write_json(encode_json(job))
        elif not wait:
            print(f"{job.number} {long_state(job)}")
    if wait:
        _wait(client, cancelled, as_json=as_json)
    return code


def _wait(client: Client, ids: Sequence[str], *, as_json: bool) -> None:
    from headway.cli.output import encode_json
    from headway.cli.tables import long_state

    for ended in client.wait_all(ids):
        if as_json:
            write_json(encode_json(ended))
        else:
            print(f"{ended.number} {long_state(ended)}", flush=True)
