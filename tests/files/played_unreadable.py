"""Bring what may not be read, as a user who is not root. Run by test_content.

    python played_unreadable.py PLACE

Prints what is said of each.
"""

import asyncio
import os
import sys
from pathlib import Path

from headway.core.errors import StagingFailed
from headway.core.model.spec import Sandbox, Transfer
from headway.files import make_files
from headway.testing.files_suite import OWNER, TAG, go_on

NOBODY = 65534


async def play(place: Path) -> None:
    home = place / "home"
    files = make_files(
        root=place / "sandboxes",
        roots_for=lambda _: [home],
        forbidden=[],
        own_uid=os.geteuid(),
    )
    for name in ("file", "closed/file", "closed"):
        transfer = Transfer(source=str(home / name), target="in")
        try:
            await files.stage_in(TAG, Sandbox(stage_in=(transfer,)), owner=OWNER, told=go_on)
        except StagingFailed as error:
            print(error)  # noqa: T201 - its answer


if __name__ == "__main__":
    if os.geteuid() == 0:  # who may read everything
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
    asyncio.run(play(Path(sys.argv[1])))
