"""How fast a change reaches 1,000 websockets, what a delivery costs, and what a client keeps in memory.

    python bench/live.py [CLIENTS] [SECONDS]

Starts a server with the store in memory in a process of its own, connects CLIENTS websockets to it, and writes reports of
20 workers, a batch each 10 ms. Latency is from the commit to a client's read, from the first change in a frame (so the
250 ms in which changes are gathered are in it). The cost of a delivery is the server's CPU time (user and system) beyond
that of the same writes without clients, divided by the frames that were delivered. The limit probe is a bare loop of
uvloop's transport.write to as many sockets, with frames of the same size.
"""

import asyncio
import base64
import json
import multiprocessing
import multiprocessing.connection
import os
import resource
import socket
import statistics
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import uvloop

from headway.app.connection_limits import Limits
from headway.app.server import serve
from headway.core.model.change import Change, Reports
from headway.core.model.job import Job, Kind
from headway.core.model.names import JobId, Seq, WorkerId
from headway.core.model.selection import Selection, Visibility
from headway.core.model.worker import Report
from headway.lib.asgi import ASGIApp, Scope
from headway.protocols.http.guards import Guards
from headway.protocols.http.live.hub import Hub
from headway.protocols.http.live.wanted import Wanted
from headway.protocols.http.live.websocket import LiveSocket
from headway.protocols.rest.wire.render import summary, worker_document
from headway.stores.memory import MemoryStore

WORKERS = 20
PAUSE_S = 0.01
JOB = JobId("01900000-0000-7000-8000-000000000001")
HANDSHAKE = (
    "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n"
)


class Words:
    """The native protocol's words."""

    def job(self, job, tally):
        return {"type": "job", "job": summary(job, tally)}

    def worker(self, worker):
        shown = worker_document(worker, at=worker.updated)
        return {"type": "worker", "job": worker.job, "worker": shown}

    def counters(self, job_id, counters):
        return {"type": "counters", "job": job_id, "counters": list(counters)}

    def event(self, event):
        return {"type": "event", "event": event}

    def reset(self):
        return {"type": "reset"}


def rss_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


async def write_reports(store: MemoryStore, seconds: float) -> tuple[int, dict[int, float]]:
    """Report for some seconds; gives how many, and when each sequence was committed."""
    when: dict[int, float] = {}
    count = 0
    until_s = time.monotonic() + seconds
    at = datetime.now(UTC)
    while time.monotonic() < until_s:
        at += timedelta(seconds=PAUSE_S)
        report = Report(
            worker=WorkerId(f"w{count % WORKERS}"), current=float(count), total=1e9, at=at
        )
        written = await store.write(Change(reports=Reports(job=JOB, reports=(report,))))
        when[int(written.seq)] = time.monotonic()
        count += 1
        await asyncio.sleep(PAUSE_S)
    return count, when


async def server(pipe: multiprocessing.connection.Connection, clients: int, seconds: float) -> None:
    loop = asyncio.get_running_loop()
    store = MemoryStore()
    now = datetime.now(UTC)
    await store.write(
        Change(
            jobs=(Job(id=JOB, kind=Kind.REPORT, protocol="", owner="me", created=now, updated=now),)
        )
    )
    hub = Hub(store)
    words = Words()

    async def read(_scope: Scope) -> Wanted:
        return Wanted(
            rendering=words,
            visibility=Visibility(everything=True),
            selection=Selection(children=True),
            after=Seq(store.last_seq()),
        )

    app: ASGIApp = Guards(LiveSocket(hub, read))
    stop = asyncio.Event()

    async def measured() -> None:
        base_s = cpu_s()
        await write_reports(store, seconds)
        idle_s = cpu_s() - base_s
        rss = rss_bytes()
        pipe.send("connect")
        await loop.run_in_executor(None, pipe.recv)
        connected = rss_bytes()
        before_s, delivered = cpu_s(), hub.figures.deliveries
        count, when = await write_reports(store, seconds)
        await asyncio.sleep(1)
        used_s = cpu_s() - before_s - idle_s
        delivered = hub.figures.deliveries - delivered
        pipe.send(
            {
                "reports": count,
                "when": when,
                "delivered": delivered,
                "us": used_s / max(1, delivered) * 1e6,
                "rss": connected - rss,
                "rss_end": rss_bytes() - rss,
            }
        )
        stop.set()

    def ready(_host: str, port: int) -> None:
        pipe.send(port)
        tasks.append(asyncio.create_task(measured()))

    tasks: list[asyncio.Task[None]] = []
    await serve(app, port=0, on_ready=ready, stop=stop, limits=Limits(connections=clients + 100))
    await asyncio.gather(*tasks)


def serve_in_process(pipe, clients: int, seconds: float) -> None:
    uvloop.run(server(pipe, clients, seconds))


class Client(asyncio.Protocol):
    """Reads frames. A frame always comes whole or in pieces of one read; only its head and sequence are looked at."""

    def __init__(self, seen: list[tuple[int, float]], ready: asyncio.Future) -> None:
        self.seen = seen
        self.ready = ready
        self.left = 0
        self.data = b""

    def connection_made(self, transport) -> None:
        key = base64.b64encode(os.urandom(16)).decode()
        transport.write(HANDSHAKE.format(key=key).encode())

    def data_received(self, data: bytes) -> None:
        now_s = time.monotonic()
        self.data += data
        if not self.ready.done():
            end = self.data.find(b"\r\n\r\n")
            if end < 0:
                return
            assert self.data.startswith(b"HTTP/1.1 101"), self.data[:100]
            self.data = self.data[end + 4 :]
            self.ready.set_result(None)
        while len(self.data) >= 2:
            size, at = self.data[1], 2
            if size == 126:
                size, at = int.from_bytes(self.data[2:4]), 4
            elif size == 127:
                size, at = int.from_bytes(self.data[2:10]), 10
            if len(self.data) < at + size:
                return
            if self.data[0] == 0x81 and size > 10:
                seq = int(self.data[at + 1 : self.data.index(b",", at)])
                self.seen.append((seq, now_s))
            self.data = self.data[at + size :]


async def watch(port: int, clients: int, pipe) -> tuple[dict, list[tuple[int, float]]]:
    loop = asyncio.get_running_loop()
    seen: list[tuple[int, float]] = []
    assert await loop.run_in_executor(None, pipe.recv) == "connect"
    for _ in range(clients):
        ready = loop.create_future()
        await loop.create_connection(lambda ready=ready: Client(seen, ready), "127.0.0.1", port)
        await ready
    await asyncio.sleep(0.5)
    pipe.send("go")
    result = await loop.run_in_executor(None, pipe.recv)
    return result, seen


def latencies_ms(seen: list[tuple[int, float]], when: dict[int, float]) -> list[float]:
    """From the first change of each frame to its read: the frame before ended where this one begins."""
    order = sorted({seq for seq, _ in seen})
    before = dict(zip(order[1:], order, strict=False))
    found = []
    for seq, read_s in seen:
        first = before.get(seq, seq - 1) + 1
        if first in when:
            found.append((read_s - when[first]) * 1000)
    return found


async def limit_us(clients: int, frame_bytes: int) -> float:
    """Give the CPU time of a bare transport.write to each of many sockets, drained by a thread of this process's child."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=clients)
    drain = multiprocessing.Process(
        target=drain_all, args=(listener.getsockname()[1], clients), daemon=True
    )
    drain.start()
    loop = asyncio.get_running_loop()
    transports = []
    listener.settimeout(0)
    for _ in range(clients):
        sock, _ = await loop.sock_accept(listener)
        transport, _ = await loop.create_connection(asyncio.Protocol, sock=sock)
        transports.append(transport)
    frame = b"x" * frame_bytes
    rounds = 20
    base_s = cpu_s()
    for _ in range(rounds):
        for transport in transports:
            transport.write(frame)
        await asyncio.sleep(0.1)
    used_s = cpu_s() - base_s
    for transport in transports:
        transport.abort()
    drain.terminate()
    drain.join()
    listener.close()
    return used_s / (rounds * clients) * 1e6


def drain_all(port: int, clients: int) -> None:
    raise_files(clients + 100)

    async def run() -> None:
        loop = asyncio.get_running_loop()
        for _ in range(clients):
            await loop.create_connection(asyncio.Protocol, "127.0.0.1", port)
        await asyncio.sleep(3600)

    uvloop.run(run())


def raise_files(wanted: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(wanted, hard), hard))


def main() -> None:
    clients = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 10.0
    raise_files(clients + 100)
    here, there = multiprocessing.Pipe()
    process = multiprocessing.Process(target=serve_in_process, args=(there, clients, seconds))
    process.start()
    result, seen = uvloop.run(watch(here.recv(), clients, here))
    process.join()
    found = sorted(latencies_ms(seen, result["when"]))
    limit = uvloop.run(limit_us(clients, 5000))
    figures = {
        "clients": clients,
        "frames read": len(seen),
        "deliveries": result["delivered"],
        "p50 ms": round(statistics.median(found), 1),
        "p99 ms": round(found[int(len(found) * 0.99)], 1),
        "max ms": round(found[-1], 1),
        "us CPU per delivery": round(result["us"], 2),
        "limit us (bare write)": round(limit, 2),
        "RSS growth MB, connected": round(result["rss"] / 1e6, 1),
        "RSS growth MB, at the end": round(result["rss_end"] / 1e6, 1),
    }
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
