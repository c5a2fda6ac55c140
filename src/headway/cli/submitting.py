"""From what was typed to a job that the server has."""

import json
import os
import shlex
from collections.abc import Mapping, Sequence
from typing import Final

from headway.cli.job_options import OPTION_OF, job_spec
from headway.cli.output import say
from headway.cli.server import Place
from headway.sdk import requests
from headway.sdk.message import Request
from headway.sdk.problems import check

#: Only a shell gives these a meaning.
_SHELL: Final = frozenset(" \t\n;|&<>$`*?(){}\"'")


def submission(
    place: Place, command: Sequence[str], options: Mapping[str, object], *, key: str | None = None
) -> Request:
    """Give the request that submits a command with what was typed as ``job_options``, from the present directory.

    Raises:
        click.UsageError: an option's value is none.
        HeadwayError: the job that it is to be a part of cannot be asked for.
    """
    if options.get("parent"):
        options = {**options, "parent": _id_of(place, str(options["parent"]))}
    after = options.get("after")
    if isinstance(after, tuple):
        options = {**options, "after": tuple(_id_of(place, ref) for ref in after)}
    spec = job_spec(command, options, here=os.getcwd())  # noqa: PTH109 -- pathlib loads slowly
    # Made once: should the answer get lost, asking again does not make a second job.
    return requests.submit(spec, key=key or os.urandom(16).hex())


def say_hints(
    command: Sequence[str], cluster: str | None, unheeded: Sequence[str], *, verb: str
) -> None:
    """Say what the user may not have meant; the job has been submitted all the same."""
    if unheeded:
        names = ", ".join(OPTION_OF.get(name, name) for name in unheeded)
        say(f"cluster {cluster} takes no notice of {names}; the job runs without")
    if len(command) == 1 and not _SHELL.isdisjoint(command[0]) and not _is_program(command[0]):
        say(
            f"there is no program {command[0]!r} here; a shell line needs a shell:"
            f" {verb} -- sh -c {shlex.quote(command[0])}"
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
