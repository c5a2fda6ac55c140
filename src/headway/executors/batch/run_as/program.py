"""What an administrator installs so that a server may run jobs as their owners: the program, what it is allowed, sudo's rule. Pure."""

import hashlib
import re
from collections.abc import Sequence
from importlib.resources import files
from typing import Final

from headway.core.errors import InvalidRequest

PROGRAM: Final = "/usr/local/libexec/headway-run"
DIRECTORY: Final = "/var/lib/headway/run-as"
LEAST_UID: Final = 1000
DENIED: Final = ("slurm", "munge", "lsfadmin", "pbsadmin", "sgeadmin")
CONFIGURATION: Final = "/etc/headway-run.conf"

#: Names that mean themselves to sudoers(5), to shells, in paths and in the program's own configuration.
_USER: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,63}", re.ASCII)
_PATH: Final = re.compile(r"(?:/[A-Za-z0-9_@+][A-Za-z0-9_@+.-]*)+", re.ASCII)

_CONFIGURATION: Final = """\
# {path}: what the server may run with {program}. Owned by root, mode 0644.
server = {server}
directory = {directory}
least_uid = {least_uid}
{denied}"""

_SUDOERS: Final = """\
# /etc/sudoers.d/headway, mode 0440; look at it with: visudo -c -f FILE
Defaults!{program} env_reset, !setenv, !preserve_groups, !requiretty, !use_pty
{server} ALL = ({users}) NOPASSWD: {program}
"""


def program() -> bytes:
    """Give the program's text."""
    return files("headway.executors.batch.run_as").joinpath("headway_run.py").read_bytes()


def digest_of(script: bytes, account: str) -> bytes:
    """Give what stands beside a script that the program shall run as this account."""
    return f"{hashlib.sha256(script).hexdigest()} {account}\n".encode()


def configuration(
    *, server: str, directory: str, least_uid: int, denied: Sequence[str], program_path: str
) -> str:
    """Give what the program reads of what it may run.

    Raises:
        InvalidRequest: something cannot stand there.
    """
    if least_uid < 1:
        raise InvalidRequest("least_uid must be 1 or more: nothing is run as root")
    names = [checked_user(name) for name in denied]
    return _CONFIGURATION.format(
        path=CONFIGURATION,
        program=checked_path(program_path, field="program"),
        server=checked_user(server),
        directory=checked_path(directory, field="directory"),
        least_uid=least_uid,
        denied=f"deny = {' '.join(names)}\n" if names else "",
    )


def sudoers(*, server: str, users: Sequence[str], program_path: str) -> str:
    """Give the rule of sudo's; ``users`` are names of accounts, and of groups with a % before them.

    Raises:
        InvalidRequest: something cannot stand there.
    """
    if not users:
        raise InvalidRequest("users: say as whom jobs may run, by name or as %group", field="users")
    runas = [
        f"%{checked_user(each[1:])}" if each.startswith("%") else checked_user(each)
        for each in users
    ]
    return _SUDOERS.format(
        server=checked_user(server),
        users=", ".join([*runas, "!root", "!#0"]),
        program=checked_path(program_path, field="program"),
    )


def checked_user(name: str) -> str:
    """Check the name of a user or group of a machine.

    Raises:
        InvalidRequest: it means something else somewhere.
    """
    if not _USER.fullmatch(name):
        raise InvalidRequest(
            f"{name!r} is no plain name of a user or group: letters, digits, '_', '-' and '.'",
            field="user",
        )
    if name in {"ALL", "root"}:
        raise InvalidRequest(
            f"{name!r} cannot be one of those that jobs run as, or the server", field="user"
        )
    return name


def checked_path(path: str, *, field: str) -> str:
    """Check a path that is made of plain names.

    Raises:
        InvalidRequest: it is not absolute, or means something else somewhere.
    """
    if not _PATH.fullmatch(path):
        raise InvalidRequest(
            f"{field}: {path!r} must be an absolute path of names of letters, digits and _@+.-, without . or ..",
            field=field,
        )
    return path
