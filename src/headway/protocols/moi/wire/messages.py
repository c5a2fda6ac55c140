"""What comes and goes over the websocket: JSON objects, one a message, their keys the verbs.

Source: the README of mustached-octo-ironman, "Websocket communication"; moi 0.2.0, which takes lists where the README says str.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

import msgspec

from headway.core.errors import InvalidRequest
from headway.protocols.moi.wire.info import Info

MOST_IDS: Final = 10_000  #: in one message
_SHOWN: Final = 80

_encode = msgspec.json.Encoder().encode


class Verb(StrEnum):
    """What a client can ask for. ``UPDATE`` is said by the server only, ``CLOSE`` by clients only."""

    GET = "get"
    ADD = "add"
    REMOVE = "remove"
    UPDATE = "update"
    CLOSE = "close"


_ASKED: Final = {verb.value: verb for verb in (Verb.GET, Verb.ADD, Verb.REMOVE)}


class Request(msgspec.Struct, frozen=True):
    """One thing that a client asks for."""

    verb: Verb
    ids: tuple[str, ...] = ()


def read_message(text: str) -> list[Request]:
    """Read a client's message: what it asks for, in its order; closing counts alone.

    Raises:
        InvalidRequest: it is no JSON object, has an unknown verb, or something else than ids.
    """
    try:
        said = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        raise InvalidRequest("this is not JSON; say for example " + '{"get": []}') from None
    if not isinstance(said, Mapping):
        raise InvalidRequest('a message must be a JSON object, for example {"get": []}')
    if Verb.CLOSE in said:
        return [Request(Verb.CLOSE)]
    return [_request(str(verb), value) for verb, value in said.items()]


def _request(verb: str, value: object) -> Request:
    asked = _ASKED.get(verb)
    if asked is None:
        raise InvalidRequest(
            f"unknown verb {verb[:_SHOWN]!r}; there are get, add, remove and close"
        )
    ids = [value] if isinstance(value, str) else value
    if not isinstance(ids, list) or not all(isinstance(one, str) for one in ids):
        raise InvalidRequest(f"{verb} must have an id or a list of ids")
    if len(ids) > MOST_IDS:
        raise InvalidRequest(f"{verb} must not have more than {MOST_IDS} ids in one message")
    return Request(asked, tuple(dict.fromkeys(ids)))


def told(verb: Verb, info: Info) -> bytes:
    """Write what the server tells of a job or group."""
    return _encode({verb.value: info})


def told_error(words: str) -> bytes:
    """Write what was wrong with a client's message. Older clients know no such verb and leave it."""
    return _encode({"error": words})
