"""What ``headway clone --set`` may change, and what has changed in the end."""

import json
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, TypeAlias

import click

from headway.cli.times import read_span_s
from headway.lib.jsonvalue import JsonValue
from headway.sdk.model import JobDocument
from headway.views.clean import clean

_Reader: TypeAlias = Callable[[str, str], JsonValue]


def _text(value: str, _key: str) -> JsonValue:
    return value


def _list(value: str, _key: str) -> JsonValue:
    return [word for word in value.split(",") if word]


def _count(value: str, key: str) -> JsonValue:
    if not value.isdecimal() or int(value) < 1:
        raise click.UsageError(f"--set {key} takes a number of 1 and up, not {value!r}")
    return int(value)


def _flag(value: str, key: str) -> JsonValue:
    if value not in {"true", "false"}:
        raise click.UsageError(f"--set {key} takes true or false, not {value!r}")
    return value == "true"


def _seconds(value: str, key: str) -> JsonValue:
    return read_span_s(value, field=key)


def _json(value: str, _key: str) -> JsonValue:
    """Read JSON, or take it for text when it is none."""
    try:
        read: JsonValue = json.loads(value)
    except ValueError:
        return value
    return read


#: Keys of a job, and how their values are typed.
_PLAIN: Final[Mapping[str, _Reader]] = {
    "name": _text,
    "labels": _list,
    "directory": _text,
    "inherit_environment": _flag,
    "stdin_path": _text,
    "cluster": _text,
    "url": _text,
    "worker_count": _count,
    "max_age_s": _seconds,
}
#: Keys that hold an object: what may be in it; any name where ``*`` stands.
_INNER: Final[Mapping[str, Mapping[str, _Reader]]] = {
    "environment": {"*": _text},
    "resources": {
        "node_count": _count,
        "process_count": _count,
        "processes_per_node": _count,
        "cpu_cores_per_process": _count,
        "gpu_cores_per_process": _count,
        "exclusive_node_use": _flag,
        "memory": _text,
    },
    "attributes": {
        "duration": _seconds,
        "queue_name": _text,
        "account": _text,
        "reservation_id": _text,
    },
    "inputs": {"*": _json},
    "extra": {"*": _json},
}
#: What an empty value means, where null is none.
_EMPTY: Final[Mapping[str, JsonValue]] = {"name": "", "labels": []}
_COMPARED: Final = ("command", *_PLAIN, *_INNER)


def read_edits(original: JobDocument, settings: Sequence[str]) -> dict[str, JsonValue]:
    """Read ``KEY=VALUE``s; within an object, what is not named stays as in the original.

    Raises:
        click.UsageError: no such key, or a value that does not fit.
    """
    edits: dict[str, JsonValue] = {}
    for setting in settings:
        key, equals, value = setting.partition("=")
        if not equals:
            raise click.UsageError(f"--set takes KEY=VALUE, not {setting!r}")
        outer, dot, inner = key.partition(".")
        if dot and outer in _INNER:
            before = edits.get(outer, getattr(original, outer))
            known = dict(before) if isinstance(before, Mapping) else {}
            known.pop(inner, None)
            read = _reader(_INNER[outer], inner, key)
            edits[outer] = known | ({inner: read(value, key)} if value else {})
        else:
            read = _reader(_PLAIN, key, key)
            edits[key] = read(value, key) if value else _EMPTY.get(key)
    return edits


def _reader(known: Mapping[str, _Reader], name: str, key: str) -> _Reader:
    read = known.get(name) or (known.get("*") if name else None)
    if read is None:
        names = [*_PLAIN, *(f"{outer}.{one}" for outer, inner in _INNER.items() for one in inner)]
        raise click.UsageError(
            f"--set: there is no key {key!r}; there are {', '.join(names).replace('*', 'NAME')}"
        )
    return read


def differences(before: JobDocument, after: JobDocument) -> Iterator[str]:
    """Say in a line each what is other than it was."""
    for key in _COMPARED:
        old, new = _leaves(before, key), _leaves(after, key)
        for name in sorted(old.keys() | new.keys()):
            if old.get(name) != new.get(name):
                yield f"{name}: {_shown(old.get(name))} -> {_shown(new.get(name))}"


def _leaves(job: JobDocument, key: str) -> Mapping[str, object]:
    value = getattr(job, key)
    if key in _INNER:
        return {f"{key}.{name}": inner for name, inner in (value or {}).items()}
    if key == "labels":
        value = ", ".join(value)
    return {key: value} if value not in (None, "") else {}


def _shown(value: object) -> str:
    if value is None:
        return "none"
    if isinstance(value, tuple):
        return clean(shlex.join(value), 200)
    return clean(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False), 200)
