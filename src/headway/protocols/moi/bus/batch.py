"""What is to be written and published together. Pure."""

from collections.abc import Collection, Iterable, Sequence
from typing import Final, TypeAlias

from headway.core.model.group import MemberKind
from headway.protocols.moi.wire.info import Info
from headway.protocols.moi.wire.keys import (
    EXPIRES_S,
    USERS,
    all_sets_of,
    channel_of,
    publication,
    sets_of,
    value_of,
)
from headway.protocols.moi.wire.messages import Verb

Command: TypeAlias = tuple[str | bytes | int, ...]
_LARGE_BYTES: Final = 1 << 22
_MOST_TOLD: Final = 500  #: ids in one publication


class Batch:
    """Keys are written before anything is told of them. What is written twice is written as it was last.

    What is to be dropped is dropped first, and what was to be written of it before with it.
    """

    def __init__(self) -> None:
        self._values: dict[str, bytes] = {}
        self._bytes = 0
        self._places: dict[tuple[str, MemberKind, str], bool] = {}
        self._dropped: dict[str, None] = {}
        self._others: list[Command] = []
        self._told: dict[tuple[bytes, bytes], None] = {}

    def put(self, info: Info, value: bytes | None = None) -> None:
        """Write an info object; ``value`` is it as it is written, where that is known."""
        written = value_of(info) if value is None else value
        self._values[info.id] = written
        self._bytes += len(written)

    @property
    def is_large(self) -> bool:
        """Tell whether it is time to write it, before there is more."""
        return self._bytes > _LARGE_BYTES

    def place(self, group: str, kind: MemberKind, node: str, *, is_in: bool) -> None:
        """Write that something is in a group, or is not."""
        self._places[group, kind, node] = is_in

    def drop_group(self, group: str) -> None:
        """Forget a group's keys."""
        self._values.pop(group, None)
        self._places = {key: is_in for key, is_in in self._places.items() if key[0] != group}
        self._dropped[group] = None

    def keep(self, keys: Iterable[str]) -> None:
        """Have these expire later."""
        self._others += [("EXPIRE", key, EXPIRES_S) for key in keys]

    def put_user(self, name: str, group: str) -> None:
        """Write whose group this is, both ways."""
        self._others.append(("HSET", USERS, name, group, group, name))

    def drop_user(self, fields: Sequence[str | bytes]) -> None:
        """Forget fields of the users."""
        self._others.append(("HDEL", USERS, *fields))

    def tell(self, node: str, verb: Verb, nodes: Collection[str]) -> None:
        """Publish something on a job's or group's channel; the same again only when all before it was something else."""
        ids = list(nodes)
        for first in range(0, len(ids), _MOST_TOLD):
            said = (channel_of(node), publication(verb, ids[first : first + _MOST_TOLD]))
            self._told.pop(said, None)
            self._told[said] = None

    @property
    def told(self) -> Collection[tuple[bytes, bytes]]:
        """Give what is published: channels and payloads."""
        return self._told.keys()

    def commands(self) -> list[Command]:
        """Give all of it, in an order in which nothing is told of that is not there."""
        return [
            *(("DEL", group, *all_sets_of(group)) for group in self._dropped),
            *(("SET", node, value, "EX", EXPIRES_S) for node, value in self._values.items()),
            *self._placed(),
            *self._others,
            *(("PUBLISH", *said) for said in self._told),
        ]

    def _placed(self) -> Iterable[Command]:
        grown: dict[str, None] = {}
        for (group, kind, node), is_in in self._places.items():
            for key in sets_of(group, kind):
                yield ("SADD" if is_in else "SREM", key, node)
                if is_in:
                    grown[key] = None
        for key in grown:
            yield ("EXPIRE", key, EXPIRES_S)
