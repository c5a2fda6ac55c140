"""``headway clone``."""

import os
from collections.abc import Sequence

import click

from headway.cli.output import say, write_json
from headway.cli.server import Place, examples, json_option, server_options


@click.command(
    epilog=examples(
        "headway clone 42",
        "headway clone 42 --set resources.memory=4G --set labels=campaign-3,again",
        "headway clone 42 -- ./reduce.sh 2026-03-02",
    ),
)
@click.argument("job_id", metavar="JOB")
@click.argument("command", nargs=-1, metavar="[-- COMMAND [ARGUMENT]...]")
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="KEY=VALUE",
    help="Other than the original's: name, labels, resources.memory, environment.K …; may be"
    " repeated. An empty value takes it away.",
)
@click.option("--follow", "-f", is_flag=True, help="Print what it writes until it has ended.")
@json_option
@server_options
def clone(
    *,
    place: Place,
    job_id: str,
    command: Sequence[str],
    settings: Sequence[str],
    follow: bool,
    as_json: bool,
) -> int:
    """Submit a new job like another one, and print its number.

    What is other than in the original is told on stderr.
    """
    from headway.cli.clients import client_for
    from headway.cli.edits import differences, read_edits
    from headway.cli.ending import follow_to_end
    from headway.cli.output import encode_json
    from headway.sdk import answers, requests

    with client_for(place) as client:
        original = client.job(job_id)
        edits = read_edits(original, settings)
        if command:
            edits["command"] = list(command)
        # Made once: should the answer get lost, asking again does not make a second job.
        request = requests.clone(original.id, edits, key=os.urandom(16).hex())
        job = answers.job(client.send(request))
        say(f"job {job.number} is like job {original.number}" + ("" if edits else ", and the same"))
        for line in differences(original, job):
            say(line)
        if follow:
            return follow_to_end(client, job, as_json=as_json)
    if as_json:
        write_json(encode_json(job))
    else:
        print(job.number)
    return 0
