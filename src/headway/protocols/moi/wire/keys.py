"""moi's keys and channels in Redis: what they are called, and what is in them.

Sources: the README of mustached-octo-ironman, "Structure" and "Group pubsub communication"; moi 0.2.0, whose sets are called
`:children` where the README says `:jobs`.
"""

import json
from collections.abc import Iterable
from typing import Final

import msgspec

from headway.core.errors import InvalidRequest
from headway.core.model.group import MemberKind
from headway.protocols.moi.wire.info import Info, pubsub_of
from headway.protocols.moi.wire.messages import Request, Verb

USERS: Final = "user-id-map"  #: a hash: ids by names, and names by ids
PATTERN: Final = "*:pubsub"  #: of all channels
EXPIRES_S: Final = 84_600 * 14  #: moi's two weeks, which are 13.7 days
MOST_BYTES: Final = 1 << 18  #: of a publication that is read

_CHANNEL: Final = b":pubsub"
_CHILDREN, _JOBS = ":children", ":jobs"
_TAKEN: Final = (_CHILDREN, _JOBS, _CHANNEL.decode())
_VERBS: Final = {verb.value: verb for verb in (Verb.ADD, Verb.REMOVE, Verb.GET, Verb.UPDATE)}
_read: Final = msgspec.json.Decoder(dict[str, list[str] | str]).decode


class _Said(msgspec.Struct, frozen=True):
    """What is read of an info object that somebody else wrote."""

    status: str | None = None


_read_said: Final = msgspec.json.Decoder(_Said).decode


def has_key(node: str) -> bool:
    """Tell whether a job or group can be kept under its id: nothing else is kept there."""
    return node != USERS and not node.endswith(_TAKEN)


def sets_of(group: str, kind: MemberKind) -> tuple[str, ...]:
    """Name the sets of a group that have a member of a kind."""
    children = f"{group}{_CHILDREN}"
    return (children, f"{group}{_JOBS}") if kind is MemberKind.JOB else (children,)


def all_sets_of(group: str) -> tuple[str, ...]:
    """Name all sets of a group, the one with all of its members first."""
    return sets_of(group, MemberKind.JOB)


def value_of(info: Info) -> bytes:
    """Write an info object as Python's json module does, and moi with it."""
    return json.dumps(msgspec.to_builtins(info)).encode()


def channel_of(node: str) -> bytes:
    """Give a job's or group's channel."""
    return pubsub_of(node).encode()


def publication(verb: Verb, nodes: Iterable[str]) -> bytes:
    """Write what is published."""
    return json.dumps({verb.value: list(nodes)}).encode()


def node_of_channel(channel: bytes) -> str | None:
    """Give whose channel this is; None where it can be nobody's."""
    try:
        node = channel.removesuffix(_CHANNEL).decode()
    except UnicodeDecodeError:
        return None
    return node if channel.endswith(_CHANNEL) and node else None


def read_publication(payload: bytes) -> list[Request]:
    """Read what somebody published, in its order.

    Raises:
        InvalidRequest: it is too long, no JSON object, has an unknown verb, or something else than ids.
    """
    if len(payload) > MOST_BYTES:
        raise InvalidRequest(f"it has {len(payload)} bytes, more than {MOST_BYTES}")
    try:
        said = _read(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise InvalidRequest('it is no JSON object such as {"add": ["ID"]}') from None
    unknown = [verb for verb in said if verb not in _VERBS]
    if unknown:
        raise InvalidRequest(f"unknown verb {unknown[0][:80]!r}; there are {', '.join(_VERBS)}")
    return [
        Request(_VERBS[verb], tuple(dict.fromkeys([ids] if isinstance(ids, str) else ids)))
        for verb, ids in said.items()
    ]


def said_status(value: bytes) -> str | None:
    """Read the status in an info object that somebody else wrote; None where there is none."""
    try:
        return _read_said(value).status
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
