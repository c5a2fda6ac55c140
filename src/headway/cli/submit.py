"""``headway submit``."""

import json
from collections.abc import Sequence

import click

from headway.cli.job_options import job_options
from headway.cli.output import say, write_json
from headway.cli.server import Place, examples, json_option, server_options
from headway.cli.submitting import say_hints, submission
from headway.sdk.message import Request
from headway.sdk.problems import check

_VERB = "headway submit"


@click.command(
    context_settings={"allow_interspersed_args": False},
    epilog=examples(
        "headway submit -- make -j8 all",
        "headway submit --name nightly -l campaign-3 --duration 2h -- ./reduce.sh 2026-03-01",
        "headway submit --follow -- sh -c 'for i in 1 2 3; do echo $i; sleep 1; done'",
        "id=$(headway submit -- make) && headway wait $id",
        "headway submit --array 0-99%10 --cluster slurm -- ./one-of-many.sh",
        "headway submit --after 41 --after 42 -- ./summarise.sh",
        "headway submit --stage-in data.csv --stage-out result.csv -- ./reduce.py data.csv result.csv",
    ),
)
@click.argument("command", nargs=-1, required=True, metavar="-- COMMAND [ARGUMENT]...")
@click.option("--follow", "-f", is_flag=True, help="Print what it writes until it has ended.")
@click.option("--block", "-b", is_flag=True, help="Wait until it has ended.")
@click.option("--cluster", help="Where to run; else the default cluster.")
@click.option(
    "--array",
    metavar="INDICES[%AT_ONCE]",
    help="Run it once for each index, in jobs of their own: 0-99, 1,3,7-9 or 0-30:5. Each finds its "
    "index in HEADWAY_ARRAY_INDEX.",
)
@job_options
@click.option("--idempotency-key", "key", metavar="KEY", help="The same key makes one job only.")
@json_option
@server_options
def submit(
    *,
    place: Place,
    command: Sequence[str],
    follow: bool,
    block: bool,
    key: str | None,
    as_json: bool,
    **options: object,
) -> int:
    """Submit a command as a job, and print its number.

    The job runs on the server's machine or cluster, in the present directory, and outlives this
    terminal. With --follow or --block the status is 0 when it has succeeded, else 1.
    """
    if follow and options.get("array"):
        raise click.UsageError(
            "an array has no log of its own to follow: its elements have; wait for it with --block"
        )
    request = submission(place, command, options, key=key)
    if follow or block:
        return _stay(place, request, command, follow=follow, as_json=as_json)
    with place.connection() as connection:
        response = check(connection.send(request))
    document = json.loads(response.body)
    say_hints(command, document.get("cluster"), document.get("unheeded", ()), verb=_VERB)
    if as_json:
        write_json(response.body)
    else:
        print(document["number"])
    return 0


def _stay(
    place: Place, request: Request, command: Sequence[str], *, follow: bool, as_json: bool
) -> int:
    from headway.cli.clients import client_for
    from headway.cli.ending import follow_to_end, wait_to_end
    from headway.sdk import answers

    with client_for(place) as client:
        job = answers.job(client.send(request))
        say_hints(command, job.cluster, job.unheeded, verb=_VERB)
        if not follow:
            return wait_to_end(client, job, as_json=as_json)
        say(f"job {job.number}: {job.links.get('page', job.id)}")
        return follow_to_end(client, job, as_json=as_json)
