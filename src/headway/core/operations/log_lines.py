"""The operation read_log_lines: what a job wrote, by the numbers of its lines."""

from typing import Final

import msgspec

from headway.core.core import Core
from headway.core.errors import InvalidRequest
from headway.core.model.names import JobId
from headway.core.model.principal import Principal
from headway.core.operations.logs import Log, open_log
from headway.core.ports.executor import Stream
from headway.lib.line_index import PROOF_BYTES, LineIndex, Place
from headway.lib.whole_lines import LONGEST_LINE_BYTES, WholeLines, shown

MOST_LINES: Final = 5000
ANSWER_BYTES: Final = 4 << 20  #: no answer has much more text
COUNTED_BYTES: Final = 512 << 20  #: at most so much of a log is counted in one call

_COUNTED_PIECE: Final = 1 << 20
_READ_PIECE: Final = 256 << 10
_WALKED_BYTES: Final = 64 << 20


class LogLines(msgspec.Struct, frozen=True, kw_only=True):
    """Some lines of a log, in their order; fewer than asked for where they are many bytes or no more are there.

    Attributes:
        first: the first one's number, from 1; None while it is not known, see ``is_counted``.
        total: how many lines are counted, the newest too when it has no end yet.
        is_counted: all of the log is counted. Of a very large one each call counts a part: ask again.
        size_bytes: of the whole log.
        cut: the numbers (where ``first`` is None, the indexes from 1) of the lines of which only a part is given: the
            beginning, or for those in ``ends`` the end, as ``headway.lib.whole_lines.shown`` says.
    """

    first: int | None
    lines: tuple[str, ...]
    total: int
    is_counted: bool
    size_bytes: int
    has_ended: bool
    cut: tuple[int, ...] = ()
    ends: tuple[int, ...] = ()


async def read_log_lines(
    core: Core,
    *,
    actor: Principal,
    job_id: JobId,
    stream: Stream,
    attempt: int | None,
    first: int,
    count: int,
) -> LogLines:
    """Read lines ``first`` and on, counted from 1; a negative ``first`` counts from the end, -1 is the last line.

    Raises:
        InvalidRequest: ``first`` is 0, or ``count`` is not 0 to ``MOST_LINES``.
        NotFound: no such job or attempt, or it has no log.
        ExecutorUnavailable: the log cannot be reached now.
    """
    if not first:
        raise InvalidRequest("first is 1 or more, or -1 or less from the end", field="first")
    if not 0 <= count <= MOST_LINES:
        raise InvalidRequest(f"count must be 0 to {MOST_LINES}", field="count")
    log = await open_log(core, actor=actor, job_id=job_id, stream=stream, attempt=attempt)
    index, size = await count_lines(core, log, most_bytes=COUNTED_BYTES)
    is_counted = index.scanned >= size
    total = index.lines
    number: int | None = first if first > 0 else max(1, total + first + 1)
    if first < 0 and not is_counted:
        number, lines = None, await _from_end(log, size, wanted=-first)
    else:
        lines = await _from_line(log, index, line=(number or 1) - 1, count=count)
    texts = [shown(line) for line in lines[:count]]
    numbered = list(enumerate(texts, number or 1))
    return LogLines(
        first=number,
        lines=tuple(one.text for one in texts),
        total=total,
        is_counted=is_counted,
        size_bytes=size,
        has_ended=log.is_over,
        cut=tuple(at for at, one in numbered if one.is_cut),
        ends=tuple(at for at, one in numbered if one.is_end),
    )


async def count_lines(core: Core, log: Log, *, most_bytes: int) -> tuple[LineIndex, int]:
    """Count on from where the last call ended, at most so many bytes; gives the log's index and its size.

    A log that became shorter or was replaced is counted anew. That is seen by its size, and by its first bytes and the
    last ones that were counted.
    """
    key = (log.tag, log.stream.value)
    index = core.log_indexes.of(key)
    if not await _is_same(log, index):
        core.log_indexes.drop(key)
        index = core.log_indexes.of(key)
    size = (await log.read(0, 0)).size
    until = min(size, index.scanned + most_bytes)
    while index.scanned < until:
        offset = index.scanned
        data = (await log.read(offset, min(_COUNTED_PIECE, until - offset))).data
        if not data:
            break
        index.feed(offset, data)
    return index, max(size, index.scanned)


async def _is_same(log: Log, index: LineIndex) -> bool:
    if not index.scanned:
        return True
    tail = await log.read(index.scanned - len(index.tail), PROOF_BYTES)
    if tail.size < index.scanned or not tail.data.startswith(index.tail):
        return False
    return (await log.read(0, len(index.head))).data == index.head


async def _from_line(log: Log, index: LineIndex, *, line: int, count: int) -> list[bytes]:
    """Read lines from the one with the number ``line``, from 0."""
    if line >= index.lines or not count:
        return []
    place = index.before(line)
    found: list[bytes] = []
    held = WholeLines()
    size = walked = 0
    offset = place.offset
    while walked < _WALKED_BYTES and len(found) < count and size < ANSWER_BYTES:
        data = (await log.read(offset, _READ_PIECE)).data
        if not data:
            break
        lines = held.feed(data).split(b"\n")[:-1]
        offset, walked = offset + len(data), walked + len(data)
        wanted = lines[max(0, line - place.line) :][: count - len(found)]
        found += wanted
        size += sum(map(len, wanted))
        place = Place(place.line + len(lines), offset)
        if held.is_long:
            # Its end is read, for what it was written over with last.
            offset = max(offset, index.past(place.line, offset) - LONGEST_LINE_BYTES)
    if len(found) < count and size < ANSWER_BYTES and place.line >= line - 1:
        rest = held.end()
        found += [rest[:-1]] if rest and place.line >= line else []
    return found


async def _from_end(log: Log, size: int, *, wanted: int) -> list[bytes]:
    """Read the last lines of a log that is not counted yet; not more than lie in its last bytes."""
    start = max(0, size - ANSWER_BYTES)
    data = b""
    async for _, piece in log.pieces(start, piece_bytes=_COUNTED_PIECE):
        data += piece
        if len(data) >= ANSWER_BYTES:
            break
    lines = data.split(b"\n")
    if not lines[-1]:
        lines.pop()
    # The first one's beginning is missing, unless it is the only one.
    return lines[1 if start and len(lines) > 1 else 0 :][-wanted:]
