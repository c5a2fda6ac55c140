"""What the server and its helper processes say to each other: frames of length, kind and body on a stream socket.

Pure, and imported by the helpers, so it imports as little as can be. Texts are bytes as the kernel takes them; lists of
texts are joined by NUL, which none of them can hold.
"""

from enum import IntEnum
from struct import Struct

from headway.executors.local import record

VERSION = 2  #: of these frames and the journal's records
LARGEST_BYTES = 64 << 20  #: no frame is longer

_HEAD = Struct("<IB")
_ATTACH = Struct("<d")
_HELLO = Struct("<BB")
_NUMBER = Struct("<Q")
_LAUNCH = Struct("<dB6I")
_REFUSED = Struct("<BII")
_SLOT = Struct("<I")
_SETTLED = Struct("<IQ")


class Kind(IntEnum):
    """What a frame says; the first half goes to the helper, the second comes from it."""

    ATTACH = 1
    LAUNCH = 2
    CANCEL = 3
    SETTLED = 4
    ADOPT = 5
    EXPECT = 6
    START = 7
    HELLO = 16
    RECORDS = 17
    REFUSED = 18
    HEARD = 19  #: a CANCEL was done and is in the journal


class Role(IntEnum):
    """What a helper is ready for."""

    TAKING = 1  #: starts new jobs
    DRAINING = 2  #: its partner has died: it sees its jobs to their ends and takes no more


class BadFrame(Exception):
    """The other side does not speak this language."""


class Launch:
    """One attempt to start, in the kernel's own terms."""

    __slots__ = (
        "argv",
        "directory",
        "environment",
        "inherit",
        "limit_s",
        "place",
        "stdin_path",
        "tag",
    )

    def __init__(
        self,
        *,
        tag: bytes,
        argv: list[bytes],
        environment: list[bytes],
        inherit: bool,
        directory: bytes,
        stdin_path: bytes,
        place: bytes,
        limit_s: float,
    ) -> None:
        self.tag = tag
        self.argv = argv
        self.environment = environment
        self.inherit = inherit
        self.directory = directory
        self.stdin_path = stdin_path
        self.place = place
        self.limit_s = limit_s


class Refused:
    """An attempt that was not started. ``later``: the machine could not now; the same may work another time."""

    __slots__ = ("later", "message", "tag")

    def __init__(self, *, tag: bytes, message: str, later: bool) -> None:
        self.tag = tag
        self.message = message
        self.later = later


def frame(kind: Kind, body: bytes) -> bytes:
    """Give one frame."""
    return _HEAD.pack(len(body), kind) + body


def split(buffer: bytearray) -> list[tuple[int, bytes]]:
    """Take the whole frames off the front of ``buffer``.

    Raises:
        BadFrame: the next frame says that it is longer than any may be.
    """
    frames: list[tuple[int, bytes]] = []
    at = 0
    while len(buffer) - at >= _HEAD.size:
        length, kind = _HEAD.unpack_from(buffer, at)
        if length > LARGEST_BYTES:
            raise BadFrame(f"a frame of {length} bytes")
        end = at + _HEAD.size + length
        if len(buffer) < end:
            break
        frames.append((kind, bytes(buffer[at + _HEAD.size : end])))
        at = end
    del buffer[:at]
    return frames


def join(texts: list[bytes]) -> bytes:
    """Join texts; none may be empty-listed away: the count goes first."""
    return _SLOT.pack(len(texts)) + b"\0".join(texts)


def parts(body: bytes) -> list[bytes]:
    """Undo ``join``."""
    (count,) = _SLOT.unpack_from(body)
    return body[_SLOT.size :].split(b"\0") if count else []


def attach(*, grace_s: float, environment: list[bytes]) -> bytes:
    """Say first: how long to wait between TERM and KILL, and the environment that jobs inherit."""
    return frame(Kind.ATTACH, _ATTACH.pack(grace_s) + join(environment))


def read_attach(body: bytes) -> tuple[float, list[bytes]]:
    """Read ATTACH: the grace and the environment."""
    return _ATTACH.unpack_from(body)[0], parts(body[_ATTACH.size :])


def launch(launches: list[Launch]) -> bytes:
    """Ask for attempts to be started."""
    return frame(Kind.LAUNCH, _launches(launches))


def expect(launches: list[Launch]) -> bytes:
    """Tell of attempts that START may come for. The body is that of LAUNCH."""
    return frame(Kind.EXPECT, _launches(launches))


def start(tags: list[bytes]) -> bytes:
    """Ask for attempts to be started that EXPECT told of. The body is what ``join`` gives."""
    return frame(Kind.START, join(tags))


def _launches(launches: list[Launch]) -> bytes:
    pieces: list[bytes] = []
    for each in launches:
        texts = (
            each.tag,
            each.directory,
            each.stdin_path,
            each.place,
            join(each.argv),
            join(each.environment),
        )
        pieces.append(_LAUNCH.pack(each.limit_s, each.inherit, *map(len, texts)))
        pieces.extend(texts)
    return b"".join(pieces)


def read_launch(body: bytes) -> list[Launch]:
    """Read LAUNCH or EXPECT."""
    launches: list[Launch] = []
    at = 0
    while at < len(body):
        limit_s, inherit, *lengths = _LAUNCH.unpack_from(body, at)
        at += _LAUNCH.size
        texts: list[bytes] = []
        for length in lengths:
            texts.append(body[at : at + length])
            at += length
        launches.append(
            Launch(
                tag=texts[0],
                directory=texts[1],
                stdin_path=texts[2],
                place=texts[3],
                argv=parts(texts[4]),
                environment=parts(texts[5]),
                inherit=bool(inherit),
                limit_s=limit_s,
            )
        )
    return launches


def cancel(number: int, tags: list[bytes]) -> bytes:
    """Ask for attempts to be ended; ``number`` comes back in HEARD."""
    return frame(Kind.CANCEL, _NUMBER.pack(number) + join(tags))


def read_cancel(body: bytes) -> tuple[int, list[bytes]]:
    """Read CANCEL: its number and the tags."""
    return _NUMBER.unpack_from(body)[0], parts(body[_NUMBER.size :])


def settled(slots: list[tuple[int, int]]) -> bytes:
    """Give slots free, each as its index and the serial it had."""
    return frame(Kind.SETTLED, b"".join(_SETTLED.pack(*slot) for slot in slots))


def read_settled(body: bytes) -> list[tuple[int, int]]:
    """Read SETTLED."""
    return list(_SETTLED.iter_unpack(body))


def adopt(orphans: list[bytes]) -> bytes:
    """Hand over attempts whose helpers have all died, as their old records."""
    return frame(Kind.ADOPT, b"".join(orphans))


def read_adopt(body: bytes) -> list[bytes]:
    """Read ADOPT."""
    return [body[at : at + record.SIZE] for at in range(0, len(body), record.SIZE)]


def hello(role: Role) -> bytes:
    """Answer ATTACH; said again when the role changes."""
    return frame(Kind.HELLO, _HELLO.pack(VERSION, role))


def read_hello(body: bytes) -> Role:
    """Read HELLO.

    Raises:
        BadFrame: the helper is of another version.
    """
    version, role = _HELLO.unpack_from(body)
    if version != VERSION:
        raise BadFrame(f"a helper speaks version {version}, this server {VERSION}")
    return Role(role)


def records(changed: list[tuple[int, bytes]]) -> bytes:
    """Tell what is in the journal now, as slots and records."""
    return frame(Kind.RECORDS, b"".join(_SLOT.pack(slot) + raw for slot, raw in changed))


def read_records(body: bytes) -> list[tuple[int, bytes]]:
    """Read RECORDS."""
    step = _SLOT.size + record.SIZE
    return [
        (_SLOT.unpack_from(body, at)[0], body[at + _SLOT.size : at + step])
        for at in range(0, len(body), step)
    ]


def refused(refusals: list[Refused]) -> bytes:
    """Say what was not started."""
    pieces: list[bytes] = []
    for each in refusals:
        message = each.message.encode(errors="surrogateescape")
        pieces.append(_REFUSED.pack(each.later, len(each.tag), len(message)) + each.tag + message)
    return frame(Kind.REFUSED, b"".join(pieces))


def read_refused(body: bytes) -> list[Refused]:
    """Read REFUSED; what is not UTF-8 in a message is shown escaped."""
    refusals: list[Refused] = []
    at = 0
    while at < len(body):
        later, tag_bytes, message_bytes = _REFUSED.unpack_from(body, at)
        at += _REFUSED.size
        tag, message = body[at : at + tag_bytes], body[at + tag_bytes :][:message_bytes]
        at += tag_bytes + message_bytes
        refusals.append(
            Refused(tag=tag, message=message.decode(errors="backslashreplace"), later=bool(later))
        )
    return refusals


def heard(number: int) -> bytes:
    """Say that a CANCEL is in the journal."""
    return frame(Kind.HEARD, _NUMBER.pack(number))


def read_heard(body: bytes) -> int:
    """Read HEARD: the number it answers."""
    number: int = _NUMBER.unpack_from(body)[0]
    return number
