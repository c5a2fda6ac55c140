"""Following a job: what it writes goes where it would have gone, and Ctrl-C ends the following, not the job."""

import queue
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final, TextIO

from headway.cli.escapes import TerminalText
from headway.cli.output import has_colour, is_terminal, say
from headway.core.errors import HeadwayError
from headway.sdk.client import Client

_PARTS_AHEAD: Final = 16  # a terminal that is stopped stops the reading too

Sink = Callable[[bytes | None], None]


@contextmanager
def unless_interrupted(refs: Iterable[str]) -> Iterator[None]:
    """Say, when Ctrl-C ends what is inside, that it ended nothing else."""
    try:
        yield
    except KeyboardInterrupt:
        names = " ".join(refs)
        print(file=sys.stderr)
        if names:
            say(f"stopped watching; the job goes on. To end it: headway kill {names}")
        else:
            say("stopped watching; the jobs go on")
        raise


def sink_for(stream: TextIO) -> Sink:
    """Give where a job's bytes go: as they are, but on a terminal only text and colours. None ends them."""
    if not is_terminal(stream):
        return _raw_sink(stream)
    text = TerminalText(has_colour=has_colour(stream))

    def write(data: bytes | None) -> None:
        stream.write(text.end() if data is None else text.feed(data))
        stream.flush()

    return write


def _raw_sink(stream: TextIO) -> Sink:
    def write(data: bytes | None) -> None:
        if data is not None:
            stream.flush()
            stream.buffer.write(data)
            stream.buffer.flush()

    return write


def follow(client: Client, ref: str, sinks: Mapping[str, Sink], *, tail: str | None = None) -> None:
    """Write what a job writes to the sinks of its streams until it has ended.

    Raises:
        HeadwayError: no such job, or it has no log, or the server is gone.
    """
    parts: queue.Queue[tuple[str, bytes | HeadwayError | None]] = queue.Queue(_PARTS_AHEAD)

    def read(stream: str) -> None:
        try:
            for part in client.follow_log(ref, stream, tail=tail):
                parts.put((stream, part))
        except HeadwayError as error:
            parts.put((stream, error))
        else:
            parts.put((stream, None))

    for stream in sinks:
        threading.Thread(target=read, args=(stream,), daemon=True).start()
    going = set(sinks)
    try:
        while going:
            stream, part = parts.get()
            if isinstance(part, HeadwayError):
                raise part
            if part is None:
                going.discard(stream)
            else:
                sinks[stream](part)
    finally:
        for sink in sinks.values():
            sink(None)
