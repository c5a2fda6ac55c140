"""``headway wait``."""

from collections.abc import Sequence

import click

from headway.cli.chosen import are_ids
from headway.cli.failures import JOB_FAILED
from headway.cli.query import query_of
from headway.cli.server import Place, examples, json_lines_option, server_options
from headway.sdk.client import Client


@click.command(
    epilog=examples(
        "headway wait 42 43",
        "headway wait $(headway submit -- make) --timeout 1h && echo done",
        "headway wait group:nightly",
    )
)
@click.argument("words", metavar="ID...|QUERY", nargs=-1, required=True)
@click.option("--timeout", metavar="TIME", help="Give up after 90s, 30m, 1h30m … (status 124).")
@json_lines_option
@server_options
def wait(*, place: Place, words: Sequence[str], timeout: str | None, as_json: bool) -> int:
    """Wait until jobs have ended, and print how each did.

    A QUERY is what `headway jobs` takes: all that it finds now are waited for, and none is an error.
    The status is 0 when all have succeeded, else 1. A restart of the server is waited through.
    Of a single job that does not begin, why it waits is said on stderr.
    """
    from headway.cli.clients import client_for
    from headway.cli.following import unless_interrupted
    from headway.cli.output import encode_json, write_json
    from headway.cli.tables import told_end
    from headway.cli.times import read_span_s
    from headway.cli.waits import waits_told

    timeout_s = None if timeout is None else read_span_s(timeout, field="timeout")
    all_fine = True
    with client_for(place) as client, unless_interrupted(words):
        refs = dict.fromkeys(words) if are_ids(words) else _found(client, query_of(words))
        # Of many it would be too much, and each would have to be asked for.
        with waits_told(client, next(iter(refs)), quiet=as_json or len(refs) > 1):
            for ended in client.wait_all(refs, timeout_s=timeout_s):
                all_fine = all_fine and ended.state == "succeeded"
                if as_json:
                    write_json(encode_json(ended))
                else:
                    print(f"{ended.number} {told_end(ended)}", flush=True)
    return 0 if all_fine else JOB_FAILED


def _found(client: Client, query: str) -> list[str]:
    """Give the jobs that a query finds now; that there are none would be taken for their success."""
    from headway.core.errors import NotFound

    found = [job.id for job in client.jobs(q=query)]
    if not found:
        raise NotFound(f"no job is found by {query!r}")
    return found
