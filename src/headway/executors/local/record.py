"""What is journalled of one attempt: 256 bytes, written whole, never across a sector.

Pure. Imported by the helper processes, so it imports as little as can be: no typing, no dataclasses.
"""

from enum import IntEnum
from struct import Struct
from zlib import crc32

SIZE = 256
TAG_BYTES = 128  #: the longest tag

_LAYOUT = Struct("<QQddQddddQddBBBBiIB128s")
_CRC = Struct("<I")
_PADDING = bytes(SIZE - _CRC.size - _LAYOUT.size)


class Phase(IntEnum):
    """How far an attempt is. It only rises, until its slot is free again."""

    FREE = 0
    RESERVED = 1  #: the intent is durable, nothing was started
    SPAWNING = 2  #: may or may not have a process
    RUNNING = 3
    ENDED = 4  #: its main process has ended; some of its tree may live
    GONE = 5  #: nothing of it lives: the final word


class End(IntEnum):
    """How the main process ended."""

    UNKNOWN = 0  #: nobody could read its status
    EXITED = 1
    SIGNALLED = 2
    NOT_STARTED = 3  #: there was a process, and it never became the program


class Cause(IntEnum):
    """What we did to end it."""

    NONE = 0
    CANCEL = 1
    LIMIT = 2


class Damaged(Exception):
    """Bytes that are not a record: half written, or not of this version."""


class Record:
    """One attempt. Times are seconds: ``reserved``, ``started`` and ``ended`` since the epoch, ``*_mono`` monotonic.

    Attributes:
        serial: rises with each use of any slot of one journal.
        brand: the mark that every process of the attempt bears (see process.brand_of); 0 for none.
        limit_s: wall-time limit; 0 for none.
        start_ticks: the main process's start time as /proc tells it: pid and this are its identity within one boot.
        value: exit status or signal number, by ``end``.
        caught: the main process had a handler for SIGTERM when we sent it one.
        cut_mono: when ending the attempt began; 0 when it did not.
    """

    __slots__ = (
        "brand",
        "caught",
        "cause",
        "cpu_s",
        "cut_mono",
        "end",
        "ended",
        "limit_s",
        "max_memory_bytes",
        "phase",
        "pid",
        "reserved",
        "serial",
        "start_ticks",
        "started",
        "started_mono",
        "tag",
        "value",
        "wall_s",
    )

    def __init__(
        self, *, serial: int, brand: int, tag: bytes, reserved: float, limit_s: float = 0.0
    ) -> None:
        self.serial = serial
        self.brand = brand
        self.tag = tag
        self.reserved = reserved
        self.limit_s = limit_s
        self.phase = Phase.RESERVED
        self.pid = 0
        self.start_ticks = 0
        self.started = 0.0
        self.started_mono = 0.0
        self.end = End.UNKNOWN
        self.value = 0
        self.cause = Cause.NONE
        self.caught = False
        self.cut_mono = 0.0
        self.ended = 0.0
        self.wall_s = 0.0
        self.cpu_s = 0.0
        self.max_memory_bytes = 0

    def pack(self) -> bytes:
        """Give the record's ``SIZE`` bytes, checksum last."""
        body = (
            _LAYOUT.pack(
                self.serial,
                self.brand,
                self.reserved,
                self.limit_s,
                self.start_ticks,
                self.started,
                self.started_mono,
                self.cut_mono,
                self.ended,
                self.max_memory_bytes,
                self.wall_s,
                self.cpu_s,
                self.phase,
                self.end,
                self.cause,
                self.caught,
                self.value,
                self.pid,
                len(self.tag),
                self.tag,
            )
            + _PADDING
        )
        return body + _CRC.pack(crc32(body))


def unpack(raw: bytes) -> Record | None:
    """Read a record; None for a free slot.

    Raises:
        Damaged: the checksum does not fit.
    """
    body = raw[: SIZE - _CRC.size]
    if not any(raw):
        return None
    if len(raw) != SIZE or _CRC.unpack(raw[SIZE - _CRC.size :])[0] != crc32(body):
        raise Damaged("a journal slot whose checksum does not fit")
    fields = _LAYOUT.unpack_from(body)
    record = Record(
        serial=fields[0],
        brand=fields[1],
        reserved=fields[2],
        limit_s=fields[3],
        tag=fields[19][: fields[18]],
    )
    record.start_ticks, record.started, record.started_mono, record.cut_mono = fields[4:8]
    record.ended, record.max_memory_bytes, record.wall_s, record.cpu_s = fields[8:12]
    record.phase, record.end = Phase(fields[12]), End(fields[13])
    record.cause, record.caught = Cause(fields[14]), bool(fields[15])
    record.value, record.pid = fields[16], fields[17]
    return record


def ended_by_us(record: Record) -> bool:
    """Tell whether a cancel or the limit ended it; one that ended well by itself keeps its end.

    Status 0 of a process that did not catch our SIGTERM cannot come from that signal. Every other end after it may.
    """
    return record.cause is not Cause.NONE and (
        record.end is not End.EXITED or record.value != 0 or record.caught
    )
