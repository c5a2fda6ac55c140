"""What programs of moi read from Redis, read from the server. Without Redis, and read only."""

import json
from typing import Final

from headway.moi.service import service

USERS: Final = "user-id-map"
_MEMBERS: Final = (":children", ":jobs")


class Keys:
    """The calls of a Redis client on moi's keys. Keys that are none of moi's hold nothing."""

    def get(self, name: str) -> bytes | None:
        """Give a job's or group's info object as JSON."""
        info = service().info(_text(name))
        return None if info is None else json.dumps(info).encode()

    def exists(self, name: str) -> int:
        """Tell whether there is such a job or group; also ``user-id-map``, when there is a user."""
        if name == USERS:
            return int(bool(service().users()))
        return int(service().info(_text(name)) is not None)

    def smembers(self, name: str) -> set[bytes]:
        """Give the ids of what is directly in a group: ``ID:children``, or ``ID:jobs``."""
        group, colon, rest = _text(name).rpartition(":")
        if colon + rest not in _MEMBERS:
            return set()
        nodes = service().nodes(group) or []
        return {str(info["id"]).encode() for info in nodes if info["parent"] == group}

    def hget(self, name: str, key: str) -> bytes | None:
        """Give a user's id by the name, or the name by the id."""
        return self.hgetall(name).get(_text(key).encode())

    def hgetall(self, name: str) -> dict[bytes, bytes]:
        """Give ``user-id-map``: ids by names, and names by ids."""
        if name != USERS:
            return {}
        users = service().users()
        pairs = (*users.items(), *((group, user) for user, group in users.items()))
        return {key.encode(): value.encode() for key, value in pairs}


def _text(name: str | bytes) -> str:
    return name.decode() if isinstance(name, bytes) else name


#: In the place of moi's client of Redis.
r_client: Final = Keys()
