"""Read and delete what a job has forbidden its own user, as a user who is not root. Run by test_forbidden.

    python played_forbidden.py here|shell PLACE

``here`` does it as the transport to this machine does; ``shell`` as the shell of a login node is told to do it.
"""

import os
import subprocess
import sys
from pathlib import Path

from headway.executors.batch import local_files, ssh_files
from headway.executors.batch.deleting import deleting

NOBODY = 65534


def make(place: Path) -> list[str]:
    """Make what cannot be read as it is; gives the paths of its files."""
    paths = [place / name / "ended" for name in ("closed", "unreadable", "unlisted")]
    for path in paths:
        path.parent.mkdir()
        path.write_text(path.parent.name)
        (path.parent / "below").mkdir()
        (path.parent / "below" / "file").write_bytes(b"")
        (path.parent / "below").chmod(0)
    paths[0].parent.chmod(0)
    paths[1].chmod(0)
    paths[2].parent.chmod(0o100)
    return [*map(str, paths), f"{place}/closed/none"]


def make_others(place: Path) -> None:
    """As root, make what a job may have put in the place of its own directory and file: nothing there is ours to read."""
    closed = place / "closed to us"
    closed.mkdir(mode=0o700)
    (place / "linked").symlink_to(closed)
    theirs = place / "theirs" / "ended"
    theirs.parent.mkdir()
    theirs.write_text("secret")
    theirs.chmod(0o600)
    os.chown(theirs.parent, NOBODY, NOBODY)


def done_by_shell(body: bytes) -> bytes:
    """Have a text done as a login node's shell does it."""
    environment = {"PATH": os.defpath, "LC_ALL": "C"}
    done = subprocess.run(
        ["/bin/sh"], input=body, env=environment, stdout=subprocess.PIPE, check=True
    )
    return done.stdout


def play(how: str, place: Path) -> None:
    """Read all, then delete all."""
    paths = [*make(place), f"{place}/linked/ended", f"{place}/theirs/ended"]
    found: dict[str, bytes] | None
    if how == "here":
        found = local_files.collect_files(paths)
    else:
        found = ssh_files.collected(done_by_shell(ssh_files.collecting(paths)), paths)
    assert found == {path: Path(path).parent.name.encode() for path in paths[:3]}
    for path in paths[:3]:
        Path(path).parent.chmod(0)
    done_by_shell(deleting([str(Path(path).parent) for path in paths]))
    assert {each.name for each in place.iterdir()} <= {"closed to us"}


if __name__ == "__main__":
    if os.geteuid() == 0:  # who may read everything
        make_others(Path(sys.argv[2]))
        os.chown(sys.argv[2], NOBODY, NOBODY)
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
    play(sys.argv[1], Path(sys.argv[2]))
