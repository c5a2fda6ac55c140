"""What a bus hears that it has said itself, and what it need not say because it was heard. Pure."""

from collections import Counter

from headway.protocols.moi.wire.messages import Verb


class Echoes:
    """Publications of our own that will come back; each comes once, as long as the connections last."""

    def __init__(self) -> None:
        self._due: Counter[tuple[bytes, bytes]] = Counter()

    def expect(self, channel: bytes, payload: bytes) -> None:
        """Remember what is about to be published."""
        self._due[channel, payload] += 1

    def is_own(self, channel: bytes, payload: bytes) -> bool:
        """Tell whether this is one of our own, which then has come back."""
        left = self._due.get((channel, payload), 0)
        if left > 1:
            self._due[channel, payload] = left - 1
        elif left:
            del self._due[channel, payload]
        return left > 0


class Known:
    """Changes that were asked for on the bus: whoever listens there has heard of them already.

    So nothing that was heard is said again, and two servers on one bus cannot keep answering each other.
    """

    def __init__(self) -> None:
        self._known: set[tuple[Verb, str, str]] = set()

    def heard(self, verb: Verb, place: str, node: str) -> None:
        """Remember what is about to be done."""
        self._known.add((verb, place, node))

    def forget(self, verb: Verb, place: str, node: str) -> None:
        """Drop what was not done after all."""
        self._known.discard((verb, place, node))

    def take(self, verb: Verb, place: str, node: str) -> bool:
        """Tell whether a change that was made is one of these, and drop it."""
        is_known = (verb, place, node) in self._known
        self._known.discard((verb, place, node))
        return is_known

    def clear(self) -> None:
        """Forget all: what was done is not followed one by one any more."""
        self._known.clear()
