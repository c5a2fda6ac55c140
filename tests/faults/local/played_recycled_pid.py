"""Give an ended job's pid to an innocent process. Run by test_recycled_pid in a pid namespace of its own, as its process 1.

    python played_recycled_pid.py PLACE

Prints what happened as JSON.
"""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.executors.local.rig import Rig

from headway.core.model.names import Tag

LAST_PID = Path("/proc/sys/kernel/ns_last_pid")


async def play(place: Path) -> Mapping[str, object]:
    rig = Rig(place / "data")
    rig.grace_s = 0.1
    await rig.start()
    tag = await rig.submit(rig.launch("sleep", "600"))
    pid = int((await rig.until(tag, "running")).native_id or 0)
    await rig.stop()
    kill_all([*rig.helpers(), pid])
    innocent = recycle(pid)
    await rig.start()
    await rig.find(tag)
    await rig.cancel(tag)
    end = await rig.until(tag, "final")
    also_cancelled = await with_a_recycled_child(rig)
    return {
        "same_pid": innocent.pid == pid,
        "end": str(end.reason),
        "innocent_alive": innocent.poll() is None,
        "second_innocent_alive": also_cancelled,
    }


async def with_a_recycled_child(rig: Rig) -> bool:
    """Recycle the pid of a job's process that both helpers' deaths made a stranger, while it is cancelled."""
    tag: Tag = await rig.submit(rig.launch("sleep", "600"))
    pid = int((await rig.until(tag, "running")).native_id or 0)
    kill_all(rig.helpers())
    await rig.find(tag)
    await rig.cancel(tag)
    await rig.until(tag, "final")
    reap(pid)
    innocent = recycle(pid)
    await rig.cancel(tag)
    await rig.start()
    await rig.find(tag)
    await rig.cancel(tag)
    assert (await rig.run(rig.launch("/bin/true"))).exit_code == 0
    return innocent.pid == pid and innocent.poll() is None


def kill_all(pids: list[int]) -> None:
    """Kill processes, and reap them as process 1 must."""
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    for pid in pids:
        reap(pid)


def reap(pid: int) -> None:
    """Reap a child that ended, or will at once, if it is one."""
    try:
        os.waitpid(pid, 0)
    except ChildProcessError:
        return


def recycle(pid: int) -> "subprocess.Popen[bytes]":
    """Start an innocent process with this pid."""
    for _ in range(100):
        LAST_PID.write_text(str(pid - 1))
        innocent = subprocess.Popen(["/bin/sleep", "600"])
        if innocent.pid == pid:
            return innocent
        innocent.kill()
        innocent.wait()
    raise AssertionError(f"the pid {pid} could not be had")


if __name__ == "__main__":
    print(json.dumps(asyncio.run(play(Path(sys.argv[1])))))  # noqa: T201 - its answer
