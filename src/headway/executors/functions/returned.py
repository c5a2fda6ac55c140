"""What a function gave back, as bytes. Standard library only, and cloudpickle where it is installed: workers have it.

It is JSON if JSON gives the same value back, where tuples may become lists; otherwise a pickle.
"""

import importlib
import json
import pickle
from collections.abc import Callable
from typing import Any, Final

from headway.executors.functions import raised

JSON: Final = "application/json"
PICKLE: Final = "application/vnd.python.pickle"
MOST_BYTES: Final = 64 << 20
_encode: Final = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode
_DEEPEST: Final = 100
_PLAIN: Final = frozenset({bool, type(None)})
_SMALLEST_INTEGER: Final = -(1 << 63)
_LARGEST_INTEGER: Final = (1 << 64) - 1


def encoded(value: object) -> tuple[dict[str, Any], bytes]:
    """Give the outcome of a function that returned, and its result's bytes.

    Raises:
        BaseException: whatever the value's own methods raise, or what pickle says of it.
    """
    data = as_json(value)
    media_type = JSON
    if data is None:
        media_type = PICKLE
        try:
            data = _pickled(value)
        except Exception as error:
            raise _Unkept(
                f"its result is of type {_type_of(value)} and cannot be pickled"
            ) from error
    if len(data) > MOST_BYTES:
        raise _Unkept(
            f"its result has {len(data)} bytes, and {MOST_BYTES} may be kept: write it to a file and return the path"
        )
    outcome = {"state": "succeeded", "media_type": media_type, "type": _type_of(value)}
    return outcome, data


def as_json(value: object) -> bytes | None:
    """Give a value as JSON; None where that would not give it back."""
    try:
        plain = _listed(value, _DEEPEST)
        text = _encode(plain)
        data = text.encode()
        if json.loads(text) != plain:
            return None
    except Exception:  # noqa: BLE001 -- then it is no JSON
        return None
    return data


class _Unkept(Exception):
    """The function returned, and what it returned cannot be kept."""

    __module__ = "builtins"


_Unkept.__name__ = _Unkept.__qualname__ = "ResultNotKept"


def _listed(value: object, deep: int) -> Any:  # noqa: ANN401 -- a tree of whatever is in it
    """Give the value with lists for tuples.

    Raises:
        ValueError: it is too deep, or holds integers that most readers of JSON cannot read.
    """
    if type(value) in _PLAIN or isinstance(value, str | float):
        return value
    if isinstance(value, int):
        if not _SMALLEST_INTEGER <= value <= _LARGEST_INTEGER:
            raise ValueError
        return value
    if deep == 0:
        raise ValueError
    if isinstance(value, list | tuple):
        return [_listed(each, deep - 1) for each in value]
    if isinstance(value, dict):
        return {key: _listed(each, deep - 1) for key, each in value.items()}
    return value


def _pickled(value: object) -> bytes:
    try:
        dumps: Callable[[object], bytes] = importlib.import_module("cloudpickle").dumps
    except ImportError:
        dumps = pickle.dumps
    return dumps(value)


def _type_of(value: object) -> str:
    kind = type(value)
    name = type.__dict__["__qualname__"].__get__(kind)
    module = type.__dict__["__module__"].__get__(kind)
    if not isinstance(module, str) or module == "builtins":
        return raised.clean(name, 200)
    return raised.clean(f"{module}.{name}", 200)
