"""The command ``moi``, and ``headway moi``: what moi's own did, in the same words."""

import secrets
import sys
from collections.abc import Mapping
from typing import Any, Final, NoReturn
from uuid import UUID

import click

from headway.cli.server import Place, examples, server_options

FAILED: Final = "Failed"  # then the result is lines, a traceback's or others
_TAB: Final = 8  # names shorter than this are followed by two tabs
_USAGE: Final = 1  # as moi's


def main() -> NoReturn:
    """Run ``moi`` and exit."""
    from headway.cli.main import run

    sys.exit(run(["moi", *sys.argv[1:]]))


@click.group(
    epilog=examples(
        'headway moi submit --cmd "x = 5; return x + 10" --block',
        "headway moi userjobs --key=example",
    )
)
def moi() -> None:
    """Submit functions and look at them, as the command moi did.

    Contexts are the clusters that run functions; users are groups of your own.
    """


@moi.command(
    epilog=examples(
        'headway moi submit --user=example --cmd "return 42"',
        "headway moi submit --block --cmd-type=system --cmd \"echo 'hello from moi'\"",
    )
)
@click.option("--user", default="no-user", show_default=True, help="The user to submit under.")
@click.option("--cmd", required=True, help="Python code to execute; or a line of shell.")
@click.option("--name", default="no-user-cmd-submit", help="Job name.")
@click.option("--context", help="Context to execute under: a cluster, see headway clusters.")
@click.option("--block/--no-block", default=False, help="Wait for a result and print it.")
@click.option(
    "--cmd-type",
    type=click.Choice(["python", "system"]),
    default="python",
    show_default=True,
    help="Submission type.",
)
@server_options
def submit(
    *, place: Place, user: str, cmd: str, name: str, context: str | None, block: bool, cmd_type: str
) -> int:
    """Submit something to execute.

    Python code may be several lines, and give its result with ``return``.
    """
    if not cmd.strip():
        raise click.BadParameter("there is nothing in it to execute", param_hint="'--cmd'")
    from headway.cli.clients import client_for
    from headway.moi.contexts import Contexts, default_context
    from headway.moi.service import Service
    from headway.sdk import answers, requests

    with client_for(place) as client:
        service = Service(client)
        contexts = Contexts(service)
        named = context or default_context()
        if named not in contexts:
            return _fail(f"Unknown context: {named}")
        spec = _spec(cmd_type, cmd, name=name, group=service.user(user), context=named)
        cluster = contexts.cluster(contexts[named])
        if cluster is not None:
            spec["cluster"] = cluster
        job = answers.job(client.send(requests.submit(spec, key=secrets.token_hex(16))))
        click.echo(f"Submitted job id: {job.id}")
        if block:
            client.wait(job.id)
            print_detail(service.info(job.id) or {})
    return 0


def _spec(cmd_type: str, cmd: str, *, name: str, group: str, context: str) -> dict[str, Any]:
    return {
        "kind": "function",
        "function": {"source" if cmd_type == "python" else "shell": cmd},
        "name": name,
        "groups": [group],
        "extra": {"moi": {"context": context}},
    }


@moi.command(epilog=examples("headway moi users"))
@server_options
def users(*, place: Place) -> int:
    """Get the known users and their ids."""
    from headway.cli.clients import client_for
    from headway.moi.service import Service

    with client_for(place) as client:
        known = Service(client).users()
    if not known:
        return _fail("No user-id-map found")
    for name in sorted(known):
        click.echo(f"{name} : {known[name]}")
    return 0


@moi.command(epilog=examples("headway moi userjobs --key=example --summary"))
@click.option("--key", required=True, help="A username or user key.")
@click.option("--summary", is_flag=True, help="Just job summary information.")
@server_options
def userjobs(*, place: Place, key: str, summary: bool) -> int:
    """Get all jobs associated with a user or key."""
    from headway.cli.clients import client_for
    from headway.moi.service import Service

    with client_for(place) as client:
        service = Service(client)
        nodes = service.nodes(service.users().get(key, key))
    if nodes is None:
        return _fail(f"Unknown key: {key}")
    for node in sorted(nodes, key=lambda node: str(node["date_created"])):
        if summary:
            click.echo(f"date: {node['date_created']}\tid: {node['id']}\tstatus: {node['status']}")
        else:
            print_detail(node)
    return 0


@moi.command(epilog=examples("headway moi job --job-id=088c98fb-8612-43af-80df-1f64555531be"))
@click.option("--job-id", required=True, help="A job key.")
@server_options
def job(*, place: Place, job_id: str) -> int:
    """Get job details."""
    try:
        UUID(job_id)
    except ValueError:
        return _fail("Does not look like a job id")
    from headway.cli.clients import client_for
    from headway.moi.service import Service

    with client_for(place) as client:
        found = Service(client).info(job_id)
    if found is None:
        return _fail("Job ID not found")
    print_detail(found)
    return 0


def print_detail(node: Mapping[str, Any]) -> None:
    """Print an info object: its keys in their order, the result last."""
    click.echo(f"********** {node['id']} **********")
    for key, value in sorted(node.items()):
        if key != "result":
            click.echo(f"{key}\t\t: {value}" if len(key) < _TAB else f"{key}\t: {value}")
    result = node["result"]
    if node["status"] == FAILED and isinstance(result, list):
        result = "".join(map(str, result)).rstrip()
    click.echo(f"result\t\t: {result}")
    click.echo()


def _fail(words: str) -> int:
    click.echo(words, err=True)
    return _USAGE
