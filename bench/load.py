"""A cheap closed-loop HTTP client: N keep-alive connections, each with one request under way.

Run in a process of its own, so that its cost is not the server's:
``python -m bench.load HOST PORT CONNECTIONS SECONDS KIND [COUNT]``; it ends after COUNT requests, or after SECONDS.
Prints one JSON document: requests, begun (of the machine's monotonic clock), seconds, latencies in ms, statuses.
"""

import asyncio
import json
import sys
import time
from collections import Counter
from collections.abc import Callable

import uvloop

_HEAD_END = b"\r\n\r\n"
Make = Callable[[int, int], bytes]


class _Caller(asyncio.Protocol):
    """One connection. Answers are taken to have a Content-Length."""

    def __init__(self, number: int, make: Make, until: float, tally: "_Tally") -> None:
        self._number = number
        self._make = make
        self._until = until
        self._tally = tally
        self._count = 0
        self._buffer = b""
        self._begun = 0.0
        self.done = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        if self._tally.left > 0:
            self._send()
        else:
            self._finish()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        end = self._buffer.find(_HEAD_END)
        if end < 0:
            return
        head = self._buffer[:end].lower()
        place = head.find(b"content-length:")
        length = int(head[place + 15 :].split(b"\r\n", 1)[0]) if place >= 0 else 0
        if len(self._buffer) < end + 4 + length:
            return
        now = time.perf_counter()
        self._tally.latencies.append(now - self._begun)
        self._tally.statuses[int(self._buffer[9:12])] += 1
        self._buffer = b""
        if now < self._until and self._tally.left > 0:
            self._send()
        else:
            self._finish()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(exc or ConnectionError("the server hung up"))

    def _send(self) -> None:
        self._count += 1
        self._tally.left -= 1
        self._begun = time.perf_counter()
        self._transport.write(self._make(self._number, self._count))  # type: ignore[attr-defined]

    def _finish(self) -> None:
        if not self.done.done():
            self.done.set_result(None)
        self._transport.close()


class _Tally:
    def __init__(self, count: int) -> None:
        self.left = count
        self.latencies: list[float] = []
        self.statuses: Counter[int] = Counter()


def _progress(number: int, count: int) -> bytes:
    return (
        b"GET /progress/update?jobid=bench&workid=w%d&current=%d&total=1000000&desc=step HTTP/1.1\r\n"
        b"Host: 127.0.0.1\r\nAccept: */*\r\n\r\n" % (number, count)
    )


def _submit(number: int, count: int) -> bytes:
    body = (
        b'{"kind":"report","name":"bench-%d-%d","labels":["bench","campaign-3"],'
        b'"environment":{"OMP_NUM_THREADS":"4"}}' % (number, count)
    )
    return (
        b"POST /api/v1/jobs HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
    )


def _run(number: int, count: int) -> bytes:
    body = b'{"command":["/bin/true"],"name":"true-%d-%d"}' % (number, count)
    return (
        b"POST /api/v1/jobs HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
    )


def _joblauncher(number: int, count: int) -> bytes:
    body = (
        b'{"jobdir":"/var/tmp/bench/","executable":"/bin/true","arguments":["%d","%d"],'
        b'"prestaged":[],"poststaged":[],"stdout":"stdout.txt","stderr":"stderr.txt",'
        b'"status_callback_url":null}' % (number, count)
    )
    return (
        b"POST /job HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
    )


def _page(_number: int, _count: int) -> bytes:
    return (
        b"GET /api/v1/jobs?state=failed&label=campaign-3&limit=50 HTTP/1.1\r\n"
        b"Host: 127.0.0.1\r\n\r\n"
    )


KINDS: dict[str, Make] = {
    "progress": _progress,
    "submit": _submit,
    "run": _run,
    "joblauncher": _joblauncher,
    "page": _page,
}


async def load(
    host: str, port: int, connections: int, seconds: float, make: Make, count: int
) -> _Tally:
    """Keep the server busy for some seconds, or for so many requests."""
    tally = _Tally(count)
    until = time.perf_counter() + seconds
    loop = asyncio.get_running_loop()
    callers = [_Caller(number, make, until, tally) for number in range(connections)]
    for caller in callers:
        await loop.create_connection(lambda caller=caller: caller, host, port)  # type: ignore[misc]
    await asyncio.gather(*(caller.done for caller in callers))
    return tally


def main() -> None:
    """Run as told on the command line."""
    host, port, connections, seconds, kind = sys.argv[1:6]
    begun = time.perf_counter()
    count = int(sys.argv[6]) if len(sys.argv) > 6 else sys.maxsize
    made = load(host, int(port), int(connections), float(seconds), KINDS[kind], count)
    tally = uvloop.run(made)
    spent = time.perf_counter() - begun
    ordered = sorted(tally.latencies)
    print(
        json.dumps(
            {
                "requests": len(ordered),
                "begun": begun,
                "seconds": spent,
                "p50_ms": 1e3 * ordered[len(ordered) // 2],
                "p99_ms": 1e3 * ordered[int(len(ordered) * 0.99)],
                "statuses": dict(tally.statuses),
            }
        )
    )


if __name__ == "__main__":
    main()
