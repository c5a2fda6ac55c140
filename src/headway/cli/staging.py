"""The options of ``headway submit`` that give a job a sandbox."""

from collections.abc import Mapping
from posixpath import abspath, basename, join

import click

from headway.lib.jsonvalue import JsonObject, JsonValue


def sandbox_spec(options: Mapping[str, object], *, here: str) -> JsonObject | None:
    """Give what POST /jobs takes as ``sandbox`` for what was typed in the directory ``here``; None where no sandbox is asked for.

    Raises:
        click.UsageError: an entry without a name, or a directory to run in beside the sandbox.
    """
    brought = [_brought(text, here) for text in _texts(options, "stage_in")]
    fetched = [_fetched(text, here) for text in _texts(options, "stage_out")]
    keeps = bool(options.get("keep_sandbox"))
    if not (brought or fetched or keeps):
        return None
    if options.get("directory"):
        raise click.UsageError("a job with a sandbox runs in it: leave --directory out")
    spec: dict[str, JsonValue] = {"stage_in": brought, "stage_out": fetched}
    if keeps:
        spec["delete"] = "never"
    return spec


def _texts(options: Mapping[str, object], name: str) -> tuple[str, ...]:
    given = options.get(name)
    return given if isinstance(given, tuple) else ()


def _brought(text: str, here: str) -> JsonObject:
    path, _, name = text.partition("=")
    if not path:
        raise click.UsageError(f"--stage-in takes PATH or PATH=NAME, not {text!r}")
    source = abspath(join(here, path))
    return {"source": source, "target": name or basename(source)}


def _fetched(text: str, here: str) -> JsonObject:
    name, _, path = text.partition("=")
    if not name:
        raise click.UsageError(f"--stage-out takes NAME or NAME=PATH, not {text!r}")
    return {"source": name, "target": abspath(join(here, path or basename(name.rstrip("/"))))}
