"""Bringing and fetching files, beside ``cp`` in the same minute."""

import asyncio
import os
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from bench.figure import Figure
from headway.core.model.names import JobId, tag_of
from headway.core.model.spec import Sandbox, Transfer
from headway.core.ports.files import Files
from headway.files import make_files
from headway.testing.files_suite import OWNER, go_on, log_of

CACHE = Path(__file__).parents[1] / ".cache" / "bench"
LARGE_BYTES = 1 << 30
SMALL_FILES = 1_000
ROUNDS = 5
JOBS = 200
BLOCK = os.urandom(1 << 20)


def files(_seconds: float) -> Sequence[Figure]:
    """Bring a large file and many small ones, and do for small jobs all that there is to do."""
    CACHE.mkdir(parents=True, exist_ok=True)
    place = Path(tempfile.mkdtemp(prefix="files-", dir=CACHE))
    try:
        return asyncio.run(_measured(place))
    finally:
        shutil.rmtree(place)


async def _measured(place: Path) -> Sequence[Figure]:
    staging = make_files(
        root=place / "sandboxes",
        roots_for=lambda _: [Path("/")],
        forbidden=[place / "data"],
        own_uid=os.geteuid(),
    )
    with (place / "large").open("wb") as file:
        for _ in range(LARGE_BYTES // len(BLOCK)):
            file.write(BLOCK)
    (place / "tree").mkdir()
    for number in range(SMALL_FILES):
        (place / f"tree/{number}").write_bytes(BLOCK[:2_000])
    os.sync()
    large = await _beside_cp(staging, place / "large", "1 GB brought", "0.8 of cp")
    many = await _beside_cp(staging, place / "tree", f"{SMALL_FILES:,} small files brought")
    return (large, many, *await _small_jobs(staging, place))


async def _beside_cp(staging: Files, source: Path, what: str, floor: str = "") -> Figure:
    """Bring something and copy it, by turns; one of each comes first now, and then the other."""
    copy = source.with_name("copy")
    ours_s, cp_s = [], []
    for number in range(ROUNDS):
        for turn in (number, number + 1):
            os.sync()
            if turn % 2:
                cp_s.append(_cp_s(source, copy))
            else:
                ours_s.append(await _bring_s(staging, source))
    ours, limit = statistics.median(ours_s), statistics.median(cp_s)
    return Figure(
        part="files",
        what=what,
        value=ours,
        unit="s",
        floor=floor,
        limit=f"cp -a: {limit:.2f} s",
        ratio=limit / ours,
    )


def _cp_s(source: Path, copy: Path) -> float:
    started = time.perf_counter()
    subprocess.run(["cp", "-a", source, copy], check=True)
    took_s = time.perf_counter() - started
    subprocess.run(["rm", "-r", copy], check=True)
    return took_s


async def _bring_s(staging: Files, source: Path) -> float:
    tag = tag_of(JobId("bench"), 1)
    sandbox = Sandbox(stage_in=(Transfer(source=str(source), target="in"),))
    started = time.perf_counter()
    await staging.stage_in(tag, sandbox, owner=OWNER, told=go_on)
    took_s = time.perf_counter() - started
    await staging.delete(tag)
    return took_s


async def _small_jobs(staging: Files, place: Path) -> Sequence[Figure]:
    """Bring two small files, fetch one and two logs, delete: what a small job with a sandbox takes more than one without."""
    for name in ("one", "two"):
        (place / name).write_bytes(BLOCK[:100])
    sandbox = Sandbox(
        stage_in=tuple(Transfer(source=str(place / name), target=name) for name in ("one", "two")),
        stage_out=(Transfer(source="one", target=str(place / "result")),),
        stdout=str(place / "stdout"),
        stderr=str(place / "stderr"),
    )
    parts_ms: list[tuple[float, float, float]] = []
    for number in range(JOBS):
        tag = tag_of(JobId("bench"), number)
        started = time.perf_counter()
        await staging.stage_in(tag, sandbox, owner=OWNER, told=go_on)
        brought = time.perf_counter()
        await staging.stage_out(
            tag, sandbox, owner=OWNER, read_log=log_of(stdout=b"a line\n", most=1000), told=go_on
        )
        fetched = time.perf_counter()
        await staging.delete(tag)
        ended = time.perf_counter()
        parts_ms.append(
            (1e3 * (brought - started), 1e3 * (fetched - brought), 1e3 * (ended - fetched))
        )
    medians = [statistics.median(part) for part in zip(*parts_ms, strict=True)]
    fsync = statistics.median(_fsync_ms(place / "probe") for _ in range(JOBS))
    return (
        Figure(
            part="files",
            what="two small files in, one and the logs out, deleted: p50",
            value=sum(medians),
            unit="ms",
            floor="10 ms",
            goal="5 ms",
            limit=f"6 small files, synced: {6 * fsync:.1f} ms",
            ratio=sum(medians) / (6 * fsync),
        ),
        *(
            Figure(part="files", what=f"  {what}", value=median, unit="ms")
            for what, median in zip(("brought", "fetched", "deleted"), medians, strict=True)
        ),
    )


def _fsync_ms(path: Path) -> float:
    started = time.perf_counter()
    with path.open("wb") as file:
        file.write(BLOCK[:100])
        file.flush()
        os.fsync(file.fileno())
    return 1e3 * (time.perf_counter() - started)
