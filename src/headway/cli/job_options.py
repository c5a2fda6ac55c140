"""The options that say what a job is and what it asks for, but for where: one group for all commands that make jobs."""

import functools
import os
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import click

from headway.lib.jsonvalue import JsonObject, JsonValue

#: Options that go into the object of the same name.
_RESOURCES: Final = {
    "nodes": "node_count",
    "processes": "process_count",
    "processes_per_node": "processes_per_node",
    "cores": "cpu_cores_per_process",
    "gpus": "gpu_cores_per_process",
    "memory": "memory",
    "exclusive": "exclusive_node_use",
}
_ATTRIBUTES: Final = {
    "queue": "queue_name",
    "account": "account",
    "reservation": "reservation_id",
}
_PLAIN: Final = ("name", "cluster", "parent")
_LISTS: Final = ("labels", "after", "groups")
#: What an option is called, by the key of a job that it sets.
OPTION_OF: Final = {
    f"{table}.{key}": f"--{name.replace('_', '-')}"
    for table, names in (("resources", _RESOURCES), ("attributes", _ATTRIBUTES))
    for name, key in names.items()
}
_GROUP: Final = (
    click.option("--name", help="The job's name; else the program's."),
    click.option("--label", "-l", "labels", multiple=True, help="A label; may be repeated."),
    click.option(
        "--group",
        "-g",
        "groups",
        metavar="GROUP",
        multiple=True,
        help="A group of yours to put it into (see headway group); may be repeated.",
    ),
    click.option(
        "--directory",
        "-C",
        type=click.Path(file_okay=False),
        help="Where to run. [default: here]",
    ),
    click.option(
        "--own-directory", is_flag=True, help="Run in a directory of the job's own instead of here."
    ),
    click.option(
        "--stage-in",
        multiple=True,
        metavar="PATH[=NAME]",
        help="Run in a sandbox that has a copy of this file or directory; may be repeated.",
    ),
    click.option(
        "--stage-out",
        multiple=True,
        metavar="NAME[=PATH]",
        help="Copy this from the sandbox when the job has ended; may be repeated.",
    ),
    click.option("--keep-sandbox", is_flag=True, help="Keep the sandbox however the job ends."),
    click.option(
        "--environment", "-e", multiple=True, metavar="K=V", help="A variable; may be repeated."
    ),
    click.option("--stdin", metavar="FILE", type=click.Path(), help="A file to read as stdin."),
    click.option("--duration", metavar="TIME", help="End it after 90s, 30m, 2h … of running."),
    click.option(
        "--total-duration", metavar="TIME", help="End it so long after now, waiting included."
    ),
    click.option("--nodes", type=click.IntRange(1), help="How many nodes."),
    click.option("--processes", type=click.IntRange(1), help="How many processes."),
    click.option(
        "--processes-per-node", type=click.IntRange(1), help="How many of them on one node."
    ),
    click.option("--cores", type=click.IntRange(1), help="CPU cores for each process."),
    click.option("--gpus", type=click.IntRange(1), help="GPUs for each process."),
    click.option("--memory", metavar="SIZE", help="Memory, such as 512M or 4G."),
    click.option("--exclusive", is_flag=True, help="Nodes of its own, shared with no other job."),
    click.option("--queue", help="The cluster's queue."),
    click.option("--account", help="Whose account pays."),
    click.option("--reservation", metavar="NAME", help="A reservation to run in."),
    click.option(
        "--native",
        multiple=True,
        metavar="NAME=VALUE",
        help="An option of the scheduler's own, such as slurm.constraint=gpu; may be repeated.",
    ),
    click.option(
        "--after",
        multiple=True,
        metavar="ID",
        help="Begin when this job has succeeded; may be repeated. If it fails, this one fails too.",
    ),
    click.option("--parent", metavar="ID", help="The job that this is a part of."),
    click.option(
        "--callback",
        "callbacks",
        metavar="URL",
        multiple=True,
        help="Tell this address how the job goes; may be repeated.",
    ),
    click.option(
        "--callback-secret",
        metavar="FILE",
        type=click.Path(dir_okay=False),
        help="Sign what is told with the secret in this file.",
    ),
)


def job_options(command: Callable[..., int]) -> Callable[..., int]:
    """Add the options of the group; the command takes their values by name, as ``job_spec`` does."""
    return functools.reduce(lambda made, option: option(made), reversed(_GROUP), command)


def job_spec(command: Sequence[str], options: Mapping[str, object], *, here: str) -> JsonObject:
    """Give the body of POST /jobs for what was typed in the directory ``here``.

    Raises:
        click.UsageError: a variable without a value, a duration that is none, or what ``sandbox_spec`` says.
    """
    from headway.cli.calling import callback_specs
    from headway.cli.staging import sandbox_spec

    spec: dict[str, JsonValue] = {"command": list(command)}
    spec |= {name: str(options[name]) for name in _PLAIN if options.get(name)}
    spec |= {name: list(_words(options, name)) for name in _LISTS if options.get(name)}
    sandbox = sandbox_spec(options, here=here)
    if sandbox is not None:
        spec["sandbox"] = sandbox
    elif not options.get("own_directory"):
        spec["directory"] = _absolute(here, str(options.get("directory") or ""))
    environment = options.get("environment")
    if isinstance(environment, tuple) and environment:
        spec["environment"] = dict(map(_variable, environment))
    if options.get("stdin"):
        spec["stdin_path"] = _absolute(here, str(options["stdin"]))
    if options.get("array"):
        spec["array"] = _array(str(options["array"]))
    parts: dict[str, JsonValue] = {
        "callbacks": list(callback_specs(options)),
        "resources": {key: options[name] for name, key in _RESOURCES.items() if options.get(name)},
        "attributes": _attributes(options),
    }
    return spec | {key: part for key, part in parts.items() if part}


def _words(options: Mapping[str, object], name: str) -> Sequence[str]:
    given = options[name]
    return [str(word) for word in given] if isinstance(given, tuple) else []


def _array(text: str) -> JsonObject:
    """Read ``0-99%10`` as Slurm has it: indices, and how many at once."""
    indices, percent, at_once = text.partition("%")
    if not percent:
        return {"indices": indices}
    if not at_once.isdecimal() or int(at_once) < 1:
        raise click.UsageError(f"--array takes INDICES[%AT_ONCE] such as 0-99%10, not {text!r}")
    return {"indices": indices, "at_once": int(at_once)}


def _attributes(options: Mapping[str, object]) -> JsonObject:
    from headway.cli.times import read_span_s

    attributes = {key: options[name] for name, key in _ATTRIBUTES.items() if options.get(name)}
    native = options.get("native")
    if isinstance(native, tuple) and native:
        attributes["custom_attributes"] = dict(map(_native, native))
    for name in ("duration", "total_duration"):
        if options.get(name):
            attributes[name] = read_span_s(str(options[name]), field=name.replace("_", "-"))
    return attributes


def _variable(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise click.UsageError(f"--environment takes NAME=VALUE, not {text!r}")
    return name, value


def _native(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or "." not in name.strip("."):
        raise click.UsageError(
            f"--native takes SCHEDULER.OPTION=VALUE such as slurm.constraint=gpu, not {text!r}"
        )
    return name, value


def _absolute(here: str, path: str) -> str:
    # Not resolved: a link is what the user means, and the server's machine may lead it elsewhere.
    return os.path.abspath(os.path.join(here, path))  # noqa: PTH100, PTH118
