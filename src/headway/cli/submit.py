"""``headway submit``."""

import json
import os
import shlex
from collections.abc import Mapping, Sequence
from typing import Final

import click

from headway.cli.output import say, write_json
from headway.cli.server import Place, examples, json_option, server_options
from headway.lib.jsonvalue import JsonObject, JsonValue
from headway.sdk import requests
from headway.sdk.message import Request
from headway.sdk.problems import check

#: Options that go into the object of the same name.
_RESOURCES: Final = {
    "nodes": "node_count",
    "processes": "process_count",
    "cores": "cpu_cores_per_process",
    "gpus": "gpu_cores_per_process",
    "memory": "memory",
}
_ATTRIBUTES: Final = {"queue": "queue_name", "account": "account"}
_PLAIN: Final = ("name", "cluster", "parent")
_OPTIONS: Final = {f"resources.{key}": f"--{name}" for name, key in _RESOURCES.items()} | {
    f"attributes.{key}": f"--{name}" for name, key in _ATTRIBUTES.items()
}
#: Only a shell gives these a meaning.
_SHELL: Final = frozenset(" \t\n;|&<>$`*?(){}\"'")


@click.command(
    context_settings={"allow_interspersed_args": False},
    epilog=examples(
        "headway submit -- make -j8 all",
        "headway submit --name nightly -l campaign-3 --duration 2h -- ./reduce.sh 2026-03-01",
        "headway submit --follow -- sh -c 'for i in 1 2 3; do echo $i; sleep 1; done'",
        "id=$(headway submit -- make) && headway wait $id",
        "headway submit --stage-in data.csv --stage-out result.csv -- ./reduce.py data.csv result.csv",
    ),
)
@click.argument("command", nargs=-1, required=True, metavar="-- COMMAND [ARGUMENT]...")
@click.option("--follow", "-f", is_flag=True, help="Print what it writes until it has ended.")
@click.option("--block", "-b", is_flag=True, help="Wait until it has ended.")
@click.option("--name", help="The job's name; else the program's.")
@click.option("--label", "-l", "labels", multiple=True, help="A label; may be repeated.")
@click.option("--cluster", help="Where to run; else the default cluster.")
@click.option(
    "--directory",
    "-C",
    type=click.Path(file_okay=False),
    help="Where to run. [default: here]",
)
@click.option(
    "--own-directory", is_flag=True, help="Run in a directory of the job's own instead of here."
)
@click.option(
    "--stage-in",
    multiple=True,
    metavar="PATH[=NAME]",
    help="Run in a sandbox that has a copy of this file or directory; may be repeated.",
)
@click.option(
    "--stage-out",
    multiple=True,
    metavar="NAME[=PATH]",
    help="Copy this from the sandbox when the job has ended; may be repeated.",
)
@click.option("--keep-sandbox", is_flag=True, help="Keep the sandbox however the job ends.")
@click.option(
    "--environment", "-e", multiple=True, metavar="K=V", help="A variable; may be repeated."
)
@click.option("--stdin", metavar="FILE", type=click.Path(), help="A file to read as stdin.")
@click.option("--duration", metavar="TIME", help="End it after 90s, 30m, 2h … of running.")
@click.option(
    "--total-duration", metavar="TIME", help="End it so long after now, waiting included."
)
@click.option("--nodes", type=click.IntRange(1), help="How many nodes.")
@click.option("--processes", type=click.IntRange(1), help="How many processes.")
@click.option("--cores", type=click.IntRange(1), help="CPU cores for each process.")
@click.option("--gpus", type=click.IntRange(1), help="GPUs for each process.")
@click.option("--memory", metavar="SIZE", help="Memory, such as 512M or 4G.")
@click.option("--queue", help="The cluster's queue.")
@click.option("--account", help="Whose account pays.")
@click.option("--parent", metavar="ID", help="The job that this is a part of.")
@click.option(
    "--callback",
    "callbacks",
    metavar="URL",
    multiple=True,
    help="Tell this address how the job goes; may be repeated.",
)
@click.option(
    "--callback-secret",
    metavar="FILE",
    type=click.Path(dir_okay=False),
    help="Sign what is told with the secret in this file.",
)
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
    if options.get("parent"):
        options["parent"] = _id_of(place, str(options["parent"]))
    spec = job_spec(command, options, here=os.getcwd())  # noqa: PTH109 -- pathlib loads slowly
    # Made once: should the answer get lost, asking again does not make a second job.
    request = requests.submit(spec, key=key or os.urandom(16).hex())
    if follow or block:
        return _stay(place, request, command, follow=follow, as_json=as_json)
    with place.connection() as connection:
        response = check(connection.send(request))
    document = json.loads(response.body)
    _hint(command, document.get("cluster"), document.get("unheeded", ()))
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
        _hint(command, job.cluster, job.unheeded)
        if not follow:
            return wait_to_end(client, job, as_json=as_json)
        say(f"job {job.number}: {job.links.get('page', job.id)}")
        return follow_to_end(client, job, as_json=as_json)


def _hint(command: Sequence[str], cluster: str | None, unheeded: Sequence[str]) -> None:
    """Say what the user may not have meant; the job has been submitted all the same."""
    if unheeded:
        names = ", ".join(_OPTIONS.get(name, name) for name in unheeded)
        say(f"cluster {cluster} takes no notice of {names}; the job runs without")
    if len(command) == 1 and not _SHELL.isdisjoint(command[0]) and not _is_program(command[0]):
        say(
            f"there is no program {command[0]!r} here; a shell line needs a shell:"
            f" headway submit -- sh -c {shlex.quote(command[0])}"
        )


def _is_program(word: str) -> bool:
    from shutil import which

    return which(word) is not None


def _id_of(place: Place, ref: str) -> str:
    """Give the UUID of a job that may be named by its number."""
    if not ref.isdecimal():
        return ref
    with place.connection() as connection:
        response = check(connection.send(requests.job(ref)))
    return str(json.loads(response.body)["id"])


def job_spec(command: Sequence[str], options: Mapping[str, object], *, here: str) -> JsonObject:
    """Give the body of POST /jobs for what was typed in the directory ``here``.

    Raises:
        click.UsageError: a variable without a value, a duration that is none, or what ``sandbox_spec`` says.
    """
    from headway.cli.calling import callback_specs
    from headway.cli.staging import sandbox_spec

    spec: dict[str, JsonValue] = {"command": list(command)}
    spec |= {name: str(options[name]) for name in _PLAIN if options.get(name)}
    sandbox = sandbox_spec(options, here=here)
    if sandbox is not None:
        spec["sandbox"] = sandbox
    elif not options.get("own_directory"):
        spec["directory"] = _absolute(here, str(options.get("directory") or ""))
    labels, environment = options.get("labels"), options.get("environment")
    if isinstance(labels, tuple) and labels:
        spec["labels"] = list(labels)
    if isinstance(environment, tuple) and environment:
        spec["environment"] = dict(map(_variable, environment))
    if options.get("stdin"):
        spec["stdin_path"] = _absolute(here, str(options["stdin"]))
    resources = {key: options[name] for name, key in _RESOURCES.items() if options.get(name)}
    attributes = _attributes(options)
    callbacks = callback_specs(options)
    if callbacks:
        spec["callbacks"] = list(callbacks)
    if resources:
        spec["resources"] = resources
    if attributes:
        spec["attributes"] = attributes
    return spec


def _attributes(options: Mapping[str, object]) -> JsonObject:
    from headway.cli.times import read_span_s

    attributes = {key: options[name] for name, key in _ATTRIBUTES.items() if options.get(name)}
    for name in ("duration", "total_duration"):
        if options.get(name):
            attributes[name] = read_span_s(str(options[name]), field=name.replace("_", "-"))
    return attributes


def _variable(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise click.UsageError(f"--environment takes NAME=VALUE, not {text!r}")
    return name, value


def _absolute(here: str, path: str) -> str:
    # Not resolved: a link is what the user means, and the server's machine may lead it elsewhere.
    return os.path.abspath(os.path.join(here, path))  # noqa: PTH100, PTH118
