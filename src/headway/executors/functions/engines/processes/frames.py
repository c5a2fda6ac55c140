"""Records of the journal, and tasks on their way to a worker: a kind, a tag, a JSON document, and bytes. Standard library only."""

from struct import Struct
from typing import Final

TASK: Final = 1
BEGUN: Final = 2  #: journalled before the function is touched
ENDED: Final = 3

_HEAD: Final = Struct("<BBHIQ")
_MAGIC: Final = 0xA7
_LONGEST: Final = 1 << 28

Record = tuple[int, str, bytes, bytes]


class Damaged(Exception):
    """Bytes that are no record: of another version, or of a machine that lost its power."""


def pack(kind: int, tag: str, document: bytes, data: bytes = b"") -> bytes:
    """Give a record's bytes."""
    name = tag.encode()
    head = _HEAD.pack(_MAGIC, kind, len(name), len(document), len(data))
    return b"".join((head, name, document, data))


def split(buffer: bytes | bytearray | memoryview, records: list[Record]) -> int:
    """Add the whole records at the beginning of a buffer to a list; gives how many bytes they take.

    Raises:
        Damaged: what follows them is no record.
    """
    view = memoryview(buffer)
    place, end = 0, len(view)
    while end - place >= _HEAD.size:
        magic, kind, name, document, data = _HEAD.unpack_from(view, place)
        if magic != _MAGIC or document + data > _LONGEST:
            raise Damaged(f"no record at byte {place}")
        first = place + _HEAD.size
        last = first + name + document + data
        if last > end:
            break
        records.append(
            (
                kind,
                bytes(view[first : first + name]).decode(),
                bytes(view[first + name : first + name + document]),
                bytes(view[first + name + document : last]),
            )
        )
        place = last
    return place
