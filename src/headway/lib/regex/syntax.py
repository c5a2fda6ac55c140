"""What an expression is made of, once it is read. Sets of bytes are masks: bit n stands for byte n."""

from enum import Enum
from typing import Final, NamedTuple, TypeAlias


class Place(Enum):
    """A place between two bytes that an expression may ask for."""

    LINE_START = "^"
    LINE_END = "$"
    WORD_EDGE = "\\b"
    NO_WORD_EDGE = "\\B"


class Byte(NamedTuple):
    """One byte of a set."""

    mask: int


class At(NamedTuple):
    """A place; takes no byte."""

    place: Place


class Cat(NamedTuple):
    """One after the other."""

    items: "tuple[Node, ...]"


class Alt(NamedTuple):
    """Any of these."""

    items: "tuple[Node, ...]"


class Repeat(NamedTuple):
    """From ``least`` to ``most`` times; None is without end."""

    item: "Node"
    least: int
    most: int | None


Node: TypeAlias = Byte | At | Cat | Alt | Repeat


def mask_of(members: bytes | range) -> int:
    """Give the set of these bytes."""
    return sum(1 << byte for byte in set(members))


NEWLINE: Final = mask_of(b"\n")
ASCII: Final = mask_of(range(128)) & ~NEWLINE
DIGITS: Final = mask_of(b"0123456789")
WORD: Final = mask_of(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")
SPACES: Final = mask_of(b" \t\r\f\v")
LEADS: Final = mask_of(range(0xC0, 0x100))
TRAILS: Final = mask_of(range(0x80, 0xC0))

#: A character of more than one byte, in text that is UTF-8.
WIDE: Final = Cat((Byte(LEADS), Repeat(Byte(TRAILS), 1, 3)))


def reverse(node: Node) -> Node:
    """Give the expression that matches the same, read backwards."""
    if isinstance(node, Cat):
        return Cat(tuple(reverse(item) for item in reversed(node.items)))
    if isinstance(node, Alt):
        return Alt(tuple(reverse(item) for item in node.items))
    if isinstance(node, Repeat):
        return Repeat(reverse(node.item), node.least, node.most)
    if isinstance(node, At):
        return At(_REVERSED.get(node.place, node.place))
    return node


_REVERSED: Final = {Place.LINE_START: Place.LINE_END, Place.LINE_END: Place.LINE_START}


def literals(node: Node) -> frozenset[bytes]:
    """Give texts, in lower case, of which every match holds one; none where that cannot be said."""
    if isinstance(node, Alt):
        ways = [literals(item) for item in node.items]
        return frozenset().union(*ways) if all(ways) else frozenset()
    if isinstance(node, Repeat):
        return literals(node.item) if node.least else frozenset()
    items = node.items if isinstance(node, Cat) else (node,)
    found = [frozenset({run}) for run in _runs(items) if run]
    found += [
        texts for item in items if isinstance(item, Alt | Repeat) and (texts := literals(item))
    ]
    return max(found, key=lambda texts: min(map(len, texts)), default=frozenset())


def _runs(items: tuple[Node, ...]) -> list[bytes]:
    """Give the texts that stand in a sequence one character after the other."""
    runs = [b""]
    for item in items:
        if isinstance(item, Cat):
            first, *others = _runs(item.items)
            runs[-1] += first
            runs += others
        elif letter := _letter(item):
            runs[-1] += letter
        elif not isinstance(item, At):
            runs.append(b"")
    return runs


def _letter(node: Node) -> bytes:
    """Give the one letter that a node takes, in lower case; empty when it may be another one."""
    mask = node.mask if isinstance(node, Byte) else 0
    members = bytes(byte for byte in range(256) if mask >> byte & 1).lower()
    return members[:1] if len(set(members)) == 1 else b""
