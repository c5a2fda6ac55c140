"""What a client was told, so that one that was cut off can be told what it missed, and nothing twice. Pure."""

import json
from typing import Any, Final, TypeAlias

#: A message: one verb, and its info object.
Message: TypeAlias = dict[str, Any]

#: What to say to learn what there is now; the server refuses the second, which tells that the first was answered.
CATCH_UP: Final = ('{"get": []}', '{"end of get": []}')


class Memory:
    """The last info object of each job and group."""

    def __init__(self) -> None:
        self._known: dict[str, Any] = {}
        self._seen: set[str] | None = None

    def cut_off(self) -> None:
        """Note that messages were missed, and that ``CATCH_UP`` was said: what comes next is what there is now."""
        self._seen = set()

    def take(self, text: str) -> list[Message]:
        """Give what is to be told for a message of the server's."""
        message: Message = json.loads(text)
        ((verb, info),) = message.items()
        if verb == "error":
            return (
                self._caught_up() if self._seen is not None and "end of get" in info else [message]
            )
        before = self._known.get(info["id"])
        if verb == "remove":
            self._known.pop(info["id"], None)
            return [message]
        self._known[info["id"]] = info
        if self._seen is None:
            return [message]
        self._seen.add(info["id"])
        if before is None:
            return [{"add": info}]
        return [] if before == info else [{"update": info}]

    def _caught_up(self) -> list[Message]:
        """Give the removal of what is there no more."""
        seen, self._seen = self._seen or set(), None
        gone = [name for name in self._known if name not in seen]
        return [{"remove": self._known.pop(name)} for name in gone]
