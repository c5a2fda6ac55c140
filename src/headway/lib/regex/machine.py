"""An expression as a machine that is in many states at once (Thompson, 1968), and what one byte does to it."""

from enum import IntEnum
from typing import Final, NamedTuple, TypeAlias

from headway.lib.regex.parse import PatternError
from headway.lib.regex.syntax import WORD, Alt, At, Byte, Cat, Node, Place, Repeat

MOST_STEPS: Final = 500
_LINE_END: Final = 10
_MATCH: Final = 0  # the step at the end of every way


class Side(IntEnum):
    """What is beside a place: the line's edge, a word's character, or another one."""

    EDGE = 0
    WORD = 1
    OTHER = 2


class _Take(NamedTuple):
    mask: int
    then: int


class _Ask(NamedTuple):
    place: Place
    then: int


class _Fork(NamedTuple):
    ways: tuple[int, ...]


Steps: TypeAlias = frozenset[int]


class Machine:
    """Made once an expression. ``start`` is where it begins.

    Attributes:
        classes: for each byte, a byte that it cannot be told from: the first of its kind.
        members: the bytes of each kind, by its first.
    """

    def __init__(self, node: Node) -> None:
        self._steps: list[_Take | _Ask | _Fork] = [_Fork(())]
        self.start = self._compile(node, _MATCH)
        self.classes, self.members = self._kinds()

    @property
    def size(self) -> int:
        """How many steps it has."""
        return len(self._steps)

    def reached(
        self, steps: Steps, before: Side, after: Side
    ) -> tuple[bool, list[tuple[int, int]]]:
        """Follow every way that takes no byte at a place.

        Gives whether the end is among them, and which bytes may come, each with where it leads.
        """
        takes: list[tuple[int, int]] = []
        seen = set(steps)
        todo = list(steps)
        while todo:
            step = self._steps[todo.pop()]
            if isinstance(step, _Take):
                takes.append(step)
                continue
            ways = step.ways if isinstance(step, _Fork) else self._asked(step, before, after)
            new = [way for way in ways if way not in seen]
            seen.update(new)
            todo += new
        return _MATCH in seen, takes

    def _asked(self, step: _Ask, before: Side, after: Side) -> tuple[int, ...]:
        is_word_edge = (before is Side.WORD) is not (after is Side.WORD)
        holds = {
            Place.LINE_START: before is Side.EDGE,
            Place.LINE_END: after is Side.EDGE,
            Place.WORD_EDGE: is_word_edge,
            Place.NO_WORD_EDGE: not is_word_edge,
        }[step.place]
        return (step.then,) if holds else ()

    def _add(self, step: _Take | _Ask | _Fork) -> int:
        if len(self._steps) >= MOST_STEPS:
            raise PatternError("it is too large; use fewer or smaller repeats {m,n}")
        self._steps.append(step)
        return len(self._steps) - 1

    def _compile(self, node: Node, then: int) -> int:
        """Add the steps of a part; gives the first of them."""
        if isinstance(node, Byte):
            return self._add(_Take(node.mask, then))
        if isinstance(node, At):
            return self._add(_Ask(node.place, then))
        if isinstance(node, Alt):
            return self._add(_Fork(tuple(self._compile(item, then) for item in node.items)))
        if isinstance(node, Cat):
            for item in reversed(node.items):
                then = self._compile(item, then)
            return then
        return self._compile_repeat(node, then)

    def _compile_repeat(self, node: Repeat, then: int) -> int:
        if node.most is None:
            loop = self._add(_Fork(()))
            self._steps[loop] = _Fork((self._compile(node.item, loop), then))
            then = loop
        else:
            end = then
            for _ in range(node.most - node.least):
                then = self._add(_Fork((self._compile(node.item, then), end)))
        for _ in range(node.least):
            then = self._compile(node.item, then)
        return then

    def _kinds(self) -> tuple[list[int], dict[int, list[int]]]:
        masks = {step.mask for step in self._steps if isinstance(step, _Take)} | {
            WORD,
            1 << _LINE_END,
        }
        first: dict[tuple[bool, ...], int] = {}
        classes: list[int] = []
        members: dict[int, list[int]] = {}
        for byte in range(256):
            kind = tuple(bool(mask >> byte & 1) for mask in masks)
            classes.append(first.setdefault(kind, byte))
            members.setdefault(classes[-1], []).append(byte)
        return classes, members


def side_of(byte: int) -> Side:
    """Tell what a byte is to a place beside it."""
    if byte == _LINE_END:
        return Side.EDGE
    return Side.WORD if WORD >> byte & 1 else Side.OTHER
