"""Bodies of requests."""

import json
from collections.abc import Mapping
from typing import Final

from headway.lib.jsonvalue import JsonObject, JsonValue
from headway.sdk.message import Pairs, Request

_JSON: Final = ("content-type", "application/json")


def with_body(method: str, path: str, body: JsonValue, headers: Pairs = ()) -> Request:
    """Make a request with a body of JSON."""
    text = json.dumps(body, allow_nan=False, separators=(",", ":"), ensure_ascii=False)
    return Request(method, path, (), (_JSON, *headers), text.encode("utf-8", "backslashreplace"))


def given(values: Mapping[str, JsonValue]) -> JsonObject:
    """Leave out what was not given."""
    return {name: value for name, value in values.items() if value is not None}
