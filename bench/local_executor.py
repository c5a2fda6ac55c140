"""How fast the local executor runs /bin/true, beside a bare posix_spawn loop probed just before and after.

    python bench/local_executor.py [JOBS]

Prints the burst rate with 64 in flight (stdout, stderr, directory and exit status kept, each exit durable), the same as a
ratio to the C loop (which keeps only a pipe), the time from submit to the durable end when idle, and the helpers' memory.

Wait half a minute between runs: ext4 does not use an inode again within 35 s of its deletion, and looks at each of those
that an earlier run deleted before it gives a new one (seen as recently_deleted in a kernel profile: half the time).
"""

import asyncio
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from headway.core.model.names import JobId, Tag, tag_of
from headway.core.model.spec import Spec
from headway.core.ports.executor import Executor, Launch, Observation
from headway.executors.local.plugin import plugin
from headway.lib.ids import uuid7

IN_FLIGHT = 64
IDLE_JOBS = 200
LIMIT_C = r"""
#define _GNU_SOURCE
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
extern char **environ;
int main(int argc, char **argv) {
    int jobs = atoi(argv[1]), most = atoi(argv[2]), running = 0, status;
    struct timespec from, to;
    clock_gettime(CLOCK_MONOTONIC, &from);
    for (int n = 0; n < jobs; n++) {
        if (running == most) { wait(&status); running--; }
        int ends[2];
        pipe2(ends, O_CLOEXEC);
        posix_spawn_file_actions_t actions;
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
        char *command[] = {"/bin/true", 0};
        pid_t pid;
        if (posix_spawn(&pid, command[0], &actions, 0, command, environ)) return 1;
        posix_spawn_file_actions_destroy(&actions);
        close(ends[0]); close(ends[1]); running++;
    }
    while (running--) wait(&status);
    clock_gettime(CLOCK_MONOTONIC, &to);
    printf("%f\n", jobs / ((to.tv_sec - from.tv_sec) + (to.tv_nsec - from.tv_nsec) / 1e9));
}
"""


class WallClock:
    def now(self) -> datetime:
        return datetime.fromtimestamp(time.clock_gettime(time.CLOCK_REALTIME), UTC)


class Limit:
    """The C loop; gives 0 where there is no compiler."""

    def __init__(self, place: Path) -> None:
        self._program = place / "limit"
        compiler = shutil.which("cc")
        if compiler:
            source = place / "limit.c"
            source.write_text(LIMIT_C)
            subprocess.run([compiler, "-O2", "-o", self._program, source], check=True)

    def per_second(self, jobs: int) -> float:
        if not self._program.exists():
            return 0.0
        done = subprocess.run(
            [self._program, str(jobs), str(IN_FLIGHT)], capture_output=True, check=True
        )
        return float(done.stdout)


def launch() -> Launch:
    random_bits = int.from_bytes(os.urandom(8))
    job_id = JobId(uuid7(time_ns=time.time_ns(), random_bits=random_bits))
    return Launch(tag=tag_of(job_id, 1), name="bench", spec=Spec(command=("/bin/true",)))


async def ended(observations: AsyncIterator[Sequence[Observation]]) -> list[Tag]:
    """Wait for news and give the tags of those that ended."""
    return [each.tag for each in await anext(observations) if each.state.is_final]


async def burst(
    executor: Executor, observations: AsyncIterator[Sequence[Observation]], jobs: int
) -> float:
    """Run jobs, always IN_FLIGHT at once; gives jobs a second."""
    started = time.perf_counter()
    sent = done = 0
    sending: set[asyncio.Task[object]] = set()
    while done < jobs:
        count = min(IN_FLIGHT - (sent - done), jobs - sent)
        if count:
            task = asyncio.create_task(_submit(executor, count))
            sending.add(task)
            task.add_done_callback(sending.discard)
            sent += count
        tags = await ended(observations)
        await executor.settled(tags)
        done += len(tags)
    return jobs / (time.perf_counter() - started)


async def _submit(executor: Executor, count: int) -> object:
    return await executor.submit([launch() for _ in range(count)])


async def idle(
    executor: Executor, observations: AsyncIterator[Sequence[Observation]]
) -> list[float]:
    """Run jobs one after another; gives the milliseconds from submit to the durable end, sorted."""
    times_ms: list[float] = []
    for _ in range(IDLE_JOBS):
        started = time.perf_counter()
        await executor.submit([launch()])
        while not (tags := await ended(observations)):
            pass
        times_ms.append((time.perf_counter() - started) * 1e3)
        await executor.settled(tags)
        await asyncio.sleep(0.003)
    return sorted(times_ms)


def helpers_kb() -> list[int]:
    """Give the proportional memory of our helpers."""
    found = []
    for each in Path("/proc").iterdir():
        try:
            if b"headway.executors.local.daemon" in (each / "cmdline").read_bytes():
                text = (each / "smaps_rollup").read_text()
                found.append(int(text.split("Pss:")[1].split()[0]))
        except OSError:
            continue
    return found


async def main(jobs: int) -> None:
    place = Path(tempfile.mkdtemp(prefix="headway-bench-"))
    executor = plugin.make(
        {"jobs_at_once": IN_FLIGHT},
        clock=WallClock(),
        data=place,
        base_environment={"PATH": os.defpath},
    )
    try:
        limit = Limit(place)
        await executor.start()
        observations = executor.observations()
        await burst(executor, observations, 200)
        rates, ratios = [], []
        for _ in range(3):
            before = limit.per_second(jobs)
            rates.append(await burst(executor, observations, jobs))
            after = limit.per_second(jobs)
            ratios.append(2 * rates[-1] / (before + after) if before else 0.0)
            print(f"burst {rates[-1]:.0f} jobs/s; C posix_spawn {before:.0f} and {after:.0f}")
        print(f"burst, median: {statistics.median(rates):.0f} jobs/s,", end=" ")
        print(f"{statistics.median(ratios):.2f} of the limit")
        times_ms = await idle(executor, observations)
        print(f"idle: p50 {times_ms[IDLE_JOBS // 2]:.2f} ms, p99 {times_ms[-3]:.2f} ms")
        print(f"helpers: {' + '.join(map(str, helpers_kb()))} kB")
        await executor.close()
    finally:
        shutil.rmtree(place)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 2000))
