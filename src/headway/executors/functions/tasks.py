"""Launches as engines take them, and what of a spec no engine heeds. Pure."""

import math
import re
from typing import Final

import msgspec

from headway.core.errors import InvalidRequest
from headway.core.model.spec import Spec
from headway.core.ports.executor import Launch
from headway.executors.functions.engine import Task
from headway.lib.jsonvalue import JsonValue

_HEEDED: Final = frozenset({"attributes.duration", "attributes.total_duration"})
_TAG: Final = re.compile(r"[0-9A-Za-z_-]{2,100}\.[0-9]{1,9}")


def task_of(launch: Launch, *, cluster: str) -> Task:
    """Give a launch as a task.

    Raises:
        InvalidRequest: it can never run; the message says why.
    """
    spec, function = launch.spec, launch.spec.function
    if function is None:
        raise InvalidRequest(
            f"cluster {cluster} runs functions, and this is a command; name another cluster",
            field="cluster",
        )
    if not _TAG.fullmatch(launch.tag):
        raise InvalidRequest(f"the tag {launch.tag!r} is no job id and attempt")
    order: dict[str, JsonValue] = {
        "tag": launch.tag,
        "context": cluster,
        "parent": function.within,
        "environment": _environment(launch),
        "inherit": spec.inherit_environment,
    }
    if spec.directory is not None:
        order["directory"] = _path(spec.directory)
    if function.source:
        order["source"] = _text(function.source, "function.source")
    elif function.shell:
        order["shell"] = _text(function.shell, "function.shell")
    else:
        order |= {"signature": function.signature, "key": launch.key}
    return Task(
        tag=launch.tag,
        order=order,
        pickled=function.pickled,
        limit_s=_limit_s(spec.attributes.duration),
        rerun=function.rerun,
    )


def unheeded(spec: Spec) -> list[str]:
    """Name what a spec asks for and no engine does: all but directory, environment and durations."""
    resources = msgspec.structs.asdict(spec.resources)
    attributes = msgspec.structs.asdict(spec.attributes)
    asked = [f"resources.{name}" for name, value in resources.items() if value not in {None, False}]
    asked += [f"attributes.{name}" for name, value in attributes.items() if value]
    if spec.stdin_path is not None:
        asked.append("stdin_path")
    if spec.array is not None and spec.array.at_once is not None:
        asked.append("array.at_once")
    return [name for name in asked if name not in _HEEDED]


def _environment(launch: Launch) -> dict[str, str]:
    environment = {**launch.spec.environment, **launch.environment}
    for name, value in environment.items():
        if not name or "=" in name:
            raise InvalidRequest(
                f"environment: {name!r} cannot name a variable: it is empty or holds '='",
                field="environment",
            )
        _text(name, "environment")
        _text(value, "environment")
    return environment


def _text(text: str, field: str) -> str:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise InvalidRequest(
            f"{field}: {text!r} holds half a surrogate pair, which is no text", field=field
        ) from None
    if "\0" in text:
        raise InvalidRequest(
            f"{field}: {text!r} holds a NUL character, which no program can be given", field=field
        )
    return text


def _path(path: str) -> str:
    if not path.startswith("/"):
        raise InvalidRequest(f"directory: {path!r} must begin with '/'", field="directory")
    return _text(path, "directory")


def _limit_s(duration: float | None) -> float:
    if duration is None:
        return 0.0
    if not (math.isfinite(duration) and duration > 0):
        raise InvalidRequest(
            f"attributes.duration must be a number of seconds above 0, not {duration}",
            field="attributes",
        )
    return duration
