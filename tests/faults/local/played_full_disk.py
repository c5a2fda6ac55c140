"""Fill the disk that the executor lives on while jobs run. Run by test_full_disk in a mount namespace of its own.

    python played_full_disk.py PLACE

Prints what happened as JSON.
"""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.executors.local.rig import Rig

from headway.core.errors import ExecutorUnavailable


async def play(place: Path) -> Mapping[str, object]:
    rig = Rig(place / "data")
    await rig.start()
    waits = "mkfifo gate; echo; read x < gate; exit 7"
    waiting = await rig.submit(rig.launch("sh", "-c", waits))
    await rig.lines(waiting, 1)
    fill = "cat /dev/zero; n=0; while : > $n; do n=$((n + 1)); done"
    filler = await rig.run(rig.launch("bash", "-c", f"({fill}); exit 9"))
    free_bytes = os.statvfs(place).f_bavail
    late = rig.launch("/bin/true")
    try:
        answer = str(await rig.executor.submit([late]))
    except ExecutorUnavailable as error:
        answer = f"unavailable: {error}"
    next(rig.data.glob("jobs/*/*/gate")).write_text("go\n")
    end = await rig.until(waiting, "final")
    await rig.start()
    again = await rig.until(waiting, "final")
    await rig.executor.forget([filler.tag])
    healed = await rig.run(late)
    await rig.stop()
    rig.clean_up()
    return {
        "filler": filler.exit_code,
        "free_bytes": free_bytes,
        "answer": answer,
        "end": end.exit_code,
        "again": again.exit_code,
        "healed": healed.exit_code,
    }


if __name__ == "__main__":
    options = "size=3m,nr_inodes=60"
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", sys.argv[1]], check=True)
    print(json.dumps(asyncio.run(play(Path(sys.argv[1])))))  # noqa: T201 - its answer
