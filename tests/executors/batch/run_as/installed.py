"""The program of root's, installed for a test with its configuration, and started as sudo starts it."""

import os
import pwd
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from headway.executors.batch.run_as import program

SERVER: Final = pwd.getpwnam("backup")
USER: Final = pwd.getpwnam("games")
OTHER: Final = pwd.getpwnam("nobody")
REFUSED: Final = 4


class Installed:
    """A machine with the program and one sandbox for ``games``; ``ran`` tells whether its script was run.

    Args:
        place: an empty directory of root's that everybody may enter.
    """

    def __init__(self, place: Path) -> None:
        self.place = place
        self.directory = place / "run-as"
        self.sandbox = self.directory / "games"
        self.configuration = place / "headway-run.conf"
        self.program = place / "headway-run"
        text = program.program().decode()
        assert text.count(f'"{program.CONFIGURATION}"') == 1
        told = text.replace(f'"{program.CONFIGURATION}"', repr(str(self.configuration)))
        self.program.write_text(told)
        self.program.chmod(0o755)
        self.ran_there = place / "ran"
        self.ran_there.mkdir()
        self.ran_there.chmod(0o777)
        self.script = f"touch {self.ran_there}/script\necho it is $(id -un)\n".encode()
        self.configure()
        for each in (self.directory, self.sandbox):
            each.mkdir()
            self.give(each, SERVER, 0o755)
        self.put("script", self.script)
        self.put("digest", program.digest_of(self.script, "games"))

    def configure(self, **changes: str) -> None:
        """Have root allow something else."""
        told = {"server": "backup", "directory": str(self.directory), "least_uid": "1", **changes}
        lines = [f"{name} = {value}\n" for name, value in told.items() if value]
        self.configuration.write_text("".join(lines))
        self.configuration.chmod(0o644)

    def give(self, path: Path, owner: pwd.struct_passwd, mode: int) -> Path:
        """Give a file to somebody."""
        os.chown(path, owner.pw_uid, owner.pw_gid, follow_symlinks=False)
        path.chmod(mode)
        return path

    def put(self, name: str, data: bytes, *, sandbox: Path | None = None) -> Path:
        """Have the server write a file into a sandbox."""
        path = (sandbox or self.sandbox) / name
        path.write_bytes(data)
        return self.give(path, SERVER, 0o644)

    def run(
        self,
        *arguments: str | bytes,
        user: pwd.struct_passwd = USER,
        group: int | None = None,
        groups: Sequence[int] | None = None,
        environment: Mapping[str, str] | None = None,
        before: str = "",
        **more: object,
    ) -> "subprocess.CompletedProcess[bytes]":
        """Start it as sudo does for the server; ``before`` is shell that is done first, in the same process."""
        argv: list[str | bytes] = [str(self.program), *(arguments or (str(self.sandbox),))]
        if before:
            argv = ["/bin/sh", "-c", f'{before}\nexec "$@"', "sh", *argv]
        done: subprocess.CompletedProcess[bytes] = subprocess.run(
            argv,
            capture_output=True,
            check=False,
            cwd="/",
            env={"PATH": os.defpath, "SUDO_UID": str(SERVER.pw_uid), **(environment or {})},
            user=user.pw_uid,
            group=user.pw_gid if group is None else group,
            extra_groups=[user.pw_gid] if groups is None else groups,
            timeout=60,
            **more,  # type: ignore[call-overload]
        )
        return done

    def refuses(self, *arguments: str | bytes, **how: object) -> str:
        """Start it, and see that nothing was run; gives what it said."""
        done = self.run(*arguments, **how)  # type: ignore[arg-type]
        said = done.stderr.decode()
        assert (done.returncode, done.stdout, self.ran) == (REFUSED, b"", False), said
        assert said.startswith("headway-run: ")
        assert said.count("\n") == 1
        return said

    @property
    def ran(self) -> bool:
        """Whether any script was run."""
        return any(self.ran_there.iterdir())

    def close(self) -> None:
        """Take all away."""
        shutil.rmtree(self.place)
