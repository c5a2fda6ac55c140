"""What a cluster is told so that its jobs run as their owners."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, Literal

import msgspec

from headway.core.errors import InvalidRequest
from headway.core.ports.clock import Clock
from headway.executors.batch.dialect import Dialect
from headway.executors.batch.pace import Pace
from headway.executors.batch.run_as.accounts import Accounts
from headway.executors.batch.run_as.executor import RunAs
from headway.executors.batch.run_as.members import Shared
from headway.executors.batch.run_as.program import DIRECTORY, PROGRAM, checked_path, checked_user
from headway.executors.batch.run_as.sudo import Sudo
from headway.executors.batch.transport import Transport


class RunAsSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Beside a cluster's other settings; what is left out has the default that is shown.

    Attributes:
        run_as: ``server``: all jobs run as the server's own user; ``sudo``: each as the account of its owner.
        run_as_program: the program that root installed; ``headway run-as`` prints it.
        run_as_directory: what root allows the program to run from.
        users: accounts by Headway's names of users; who is not in it has the account of the same name.
        directory: the cluster's directory of each account, with ``{user}`` or ``{home}`` in it.
    """

    run_as: Literal["server", "sudo"] = "server"
    run_as_program: str = PROGRAM
    run_as_directory: str = DIRECTORY
    users: Mapping[str, str] = msgspec.field(default_factory=dict)
    directory: str = ""


_OWN: Final = tuple(name for name in RunAsSettings.__struct_fields__ if name != "directory")


def divided(settings: Mapping[str, object]) -> tuple[RunAsSettings | None, dict[str, object]]:
    """Divide a cluster's settings into those about whom jobs run as, and the others.

    Raises:
        InvalidRequest: one cannot be used; the message names it.
    """
    own = {name: settings[name] for name in _OWN if name in settings}
    others = {name: value for name, value in settings.items() if name not in own}
    if own.get("run_as", "server") == "server":
        if len(own) > ("run_as" in own):
            name = next(name for name in own if name != "run_as")
            raise InvalidRequest(f'{name} is for run_as = "sudo" only', field=name)
        return None, others
    if "ssh" in others:
        raise InvalidRequest(
            'run_as = "sudo" is for a cluster whose commands are on this machine: run the server on the login node',
            field="run_as",
        )
    own["directory"] = others.pop("directory", "")
    try:
        read = msgspec.convert(own, RunAsSettings)
    except msgspec.ValidationError as error:
        raise InvalidRequest(f"a cluster's settings: {error}", field="cluster") from None
    _check(read)
    return read, others


def _check(read: RunAsSettings) -> None:
    for field in ("run_as_program", "run_as_directory"):
        checked_path(getattr(read, field), field=field)
    for account in read.users.values():
        checked_user(account)
    tried = read.directory.replace("{user}", "user").replace("{home}", "/home")
    if tried == read.directory or not tried.startswith("/") or set(tried) & set("{}\n\0"):
        raise InvalidRequest(
            'directory: with run_as = "sudo" it must be of each account\'s own and absolute, as "/shared/{user}/headway"'
            ' or "{home}/.headway"',
            field="directory",
        )


def make_run_as(
    told: RunAsSettings,
    *,
    make_dialect: Callable[[], Dialect],
    here: Transport,
    clock: Clock,
    pace: Pace,
    data: Path,
    base_environment: Mapping[str, str],
    shared: Mapping[str, Any],
) -> RunAs:
    """Make the executor.

    Args:
        told: as ``divided`` has read it.
        make_dialect: makes a dialect for each account, and one for the listings.
        here: reaches the scheduler as the server's own user.
        pace: decides on listings.
        data: this cluster's own directory.
        base_environment: what the server's own commands have in theirs; sudo gets its PATH only.
        shared: further fields of Shared.

    Raises:
        InvalidRequest: the scheduler is none whose jobs can be run so.
    """
    sudo = Sudo(
        program=told.run_as_program,
        directory=told.run_as_directory,
        environment={"PATH": base_environment.get("PATH", os.defpath), "LC_ALL": "C"},
    )
    return RunAs(
        Shared(make_dialect=make_dialect, transport=here, sudo=sudo, root=told.directory, **shared),
        accounts=Accounts(told.users, own_uid=os.geteuid()),
        clock=clock,
        pace=pace,
        data=data,
    )
