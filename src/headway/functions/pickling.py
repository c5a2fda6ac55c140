"""A call as signed bytes.

A function of ``__main__`` or of a notebook travels by value, with what it refers to there. One of a module that can be
imported travels as the module's name, and is imported where it runs; see ``by_value`` of FunctionsExecutor for modules that are
not there.
"""

import base64
import hashlib
import hmac
import pickle
from collections.abc import Callable, Mapping, Sequence
from types import ModuleType
from typing import Any, Final

import cloudpickle
from typing_extensions import override

from headway.core.errors import InvalidRequest, TooLarge
from headway.core.model.function import MOST_PICKLED_BYTES
from headway.functions import chunk
from headway.lib.jsonvalue import JsonObject

_LONGEST_NAME: Final = 200


class Pickled:
    """A callable that was pickled already, and becomes itself where it is unpickled.

    Pickling a function of a notebook takes longer than all else about a small call: many calls of one function share it.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self._data = dumps(function)

    @override
    def __reduce__(self) -> tuple[Callable[[bytes], Any], tuple[bytes]]:
        """Be the callable at the other end."""
        return pickle.loads, (self._data,)


def dumps(value: object) -> bytes:
    """Pickle by value what cannot be imported elsewhere.

    Raises:
        InvalidRequest: it cannot be pickled; the message says what.
    """
    try:
        data: bytes = cloudpickle.dumps(value, protocol=_PROTOCOL)
    except (pickle.PicklingError, TypeError, AttributeError, ValueError, RecursionError) as error:
        raise InvalidRequest(
            f"the call cannot be pickled ({error}): pass what the function needs as plain values, or open it inside",
            field="function",
        ) from error
    return data


#: Of Python 3.8, so that clients and workers of different Pythons understand each other as far as their code does.
_PROTOCOL: Final = 5


def travel_by_value(modules: Sequence[ModuleType]) -> None:
    """Have everything of these modules travel by value, in this process, from now on."""
    for module in modules:
        cloudpickle.register_pickle_by_value(module)


def chunked() -> Callable[..., Any]:
    """Give the function that makes several calls as one job. It travels by value: Headway need not be where it runs."""
    travel_by_value([chunk])
    return chunk.call_each


def signed_call(
    function: Callable[..., Any] | Pickled,
    args: Sequence[Any],
    kwargs: Mapping[str, Any],
    *,
    key: str,
    rerun: int,
) -> JsonObject:
    """Give the ``function`` of POST /jobs.

    Raises:
        InvalidRequest: the call cannot be pickled.
        TooLarge: it is longer than the server takes.
    """
    pickled = dumps((function, tuple(args), dict(kwargs)))
    if len(pickled) > MOST_PICKLED_BYTES:
        raise TooLarge(
            f"the call is {len(pickled):,} bytes, and at most {MOST_PICKLED_BYTES:,} may be: keep large data in files"
            " and pass their paths",
            field="function",
        )
    call: dict[str, object] = {
        "pickled": base64.b64encode(pickled).decode(),
        "signature": hmac.new(key.encode(), pickled, hashlib.sha256).hexdigest(),
    }
    return {**call, "rerun": rerun} if rerun else call


def name_of(function: Callable[..., Any]) -> str:
    """Give what a job that calls this is named."""
    inner = getattr(function, "func", function)  # functools.partial has no name of its own
    name = getattr(inner, "__qualname__", "") or type(inner).__qualname__
    return str(name).replace("<locals>.", "")[:_LONGEST_NAME]
