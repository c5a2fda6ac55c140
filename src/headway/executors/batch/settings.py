"""What a cluster is told in a server's configuration, and the plugin that makes its executor."""

import math
import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from headway.core.errors import ExecutorRejected, ExecutorUnavailable, InvalidRequest
from headway.core.ports.clock import Clock
from headway.core.ports.executor import Executor
from headway.executors.batch.dialect import Dialect
from headway.executors.batch.executor import BatchExecutor
from headway.executors.batch.here import Here
from headway.executors.batch.pace import IDLE_S, SHARE, Pace
from headway.executors.batch.patience import Patience
from headway.executors.batch.pinging import telling_dead_from_slow
from headway.executors.batch.probe import Probed, probe
from headway.executors.batch.run_as.settings import RunAsSettings, divided, make_run_as
from headway.executors.batch.ssh import OverSsh
from headway.executors.batch.ssh_sessions import Client
from headway.executors.batch.transport import Transport
from headway.executors.settings import check_known

#: A word of every shell's, whatever the login's is: it is not quoted.
_SHELL: Final = re.compile(r"/[A-Za-z0-9._+/-]+", re.ASCII)
_MOST_IN_SCHEDULER: Final = 10_000
_COMMANDS_AT_ONCE: Final = 8
_TIMEOUT_S: Final = 5.0
_LOST_AFTER_S: Final = 300.0
_PATIENCE: Final = Patience()


class BatchSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A cluster's settings; what is left out has the default that is shown.

    Attributes:
        directory: absolute, on a file system that the submitting host and all nodes share; None for one in the data
            directory, which is right only where that is shared.
        ssh: the login node that commands are run on, ``user@host`` or a name of the user's ssh_config; None for this host.
        ssh_options: further options of ssh itself, ``["-J", "gate"]``.
        ssh_prelude: a shell's text that is done on the login node before each command: ``. /etc/profile.d/lsf.sh``.
        ssh_shell: the path of a POSIX shell there.
        commands_at_once: how many commands run at a time; sshd allows 10 sessions of one connection by itself (MaxSessions).
        programs: paths of the scheduler's programs by their names; those not named are looked for on PATH.
        environment: variables for the scheduler's programs.
        timeout_s: a program that takes longer is killed, and the cluster called slow; ``timeouts_s`` says it of some programs.
        jobs_at_once: how many attempts may be in the scheduler, waiting ones too.
        options: the scheduler's own options for every job, by name without dashes.
        list_every_s: between listings when nobody asks for more.
        list_share: of the time, listings take at most so much, above 0 and at most 1, whoever asks.
        lost_after_s: a job that queue, accounting and its own record are silent of for so long is lost.
        tells_server: jobs tell the server when they begin and end, where they reach it.
    """

    directory: str | None = None
    ssh: str | None = None
    ssh_options: tuple[str, ...] = ()
    ssh_prelude: str = ""
    ssh_shell: str = "/bin/sh"
    commands_at_once: int = _COMMANDS_AT_ONCE
    programs: Mapping[str, str] = msgspec.field(default_factory=dict)
    environment: Mapping[str, str] = msgspec.field(default_factory=dict)
    timeout_s: float = _TIMEOUT_S
    timeouts_s: Mapping[str, float] = msgspec.field(default_factory=dict)
    jobs_at_once: int = _MOST_IN_SCHEDULER
    options: Mapping[str, str] = msgspec.field(default_factory=dict)
    list_every_s: float = IDLE_S
    list_share: float = SHARE
    lost_after_s: float = _LOST_AFTER_S
    tells_server: bool = True


class BatchPlugin:
    """Makes executors of one scheduler. An entry point of the group ``headway.executors``.

    Args:
        name: the scheduler's.
        make_dialect: makes the dialect from settings of its own; the clock is for schedulers whose times have no year.
        own_settings: the names of those settings.
        signs: programs that are all there where this scheduler is, and are not all there where only another one is.
        patience: how long silence is borne; of ``lost`` the settings say it.
    """

    api: int = 1

    def __init__(
        self,
        name: str,
        make_dialect: Callable[[Mapping[str, Any], Clock], Dialect],
        *,
        own_settings: tuple[str, ...] = (),
        signs: tuple[str, ...] = (),
        patience: Patience = _PATIENCE,
    ) -> None:
        self.signs = signs
        self.patience = patience
        self.name = name
        self._make_dialect = make_dialect
        self._own_settings = own_settings

    def make(
        self,
        settings: Mapping[str, object],
        *,
        clock: Clock,
        data: Path,
        base_environment: Mapping[str, str],
    ) -> Executor:
        """Make the executor; nothing is started before its ``start``. See BatchSettings.

        Raises:
            InvalidRequest: a setting is unknown or cannot be used; the message names it.
        """
        common_names = (*BatchSettings.__struct_fields__, *RunAsSettings.__struct_fields__)
        known = dict.fromkeys((*self._own_settings, *common_names))
        check_known(settings, known, of=self.name)
        own = {name: settings[name] for name in self._own_settings if name in settings}
        as_owners, others = divided({n: v for n, v in settings.items() if n not in own})
        common = read_settings(others)
        dialect = self._make_dialect(own, clock)
        for setting in ("programs", "timeouts_s"):
            unknown = sorted(set(getattr(common, setting)).difference(dialect.programs))
            if unknown:
                raise InvalidRequest(
                    f"{setting}: {self.name} has no program {unknown[0]!r}; it has {', '.join(dialect.programs)}",
                    field=setting,
                )
        if as_owners is not None:
            return make_run_as(
                as_owners,
                make_dialect=lambda: self._make_dialect(own, clock),
                here=telling_dead_from_slow(_here(common, base_environment), dialect),
                clock=clock,
                pace=Pace(idle_s=common.list_every_s, share=common.list_share),
                data=data,
                base_environment=base_environment,
                shared={
                    "programs": common.programs,
                    "environment": common.environment,
                    "timeout_s": common.timeout_s,
                    "timeouts_s": common.timeouts_s,
                    "jobs_at_once": common.jobs_at_once,
                    "lost_after": self._patience(common).lost,
                    "options": {
                        "defaults": common.options,
                        "tells_server": common.tells_server,
                        "patience": self._patience(common),
                    },
                },
            )
        return BatchExecutor(
            dialect=dialect,
            transport=telling_dead_from_slow(_transport(common, base_environment, data), dialect),
            clock=clock,
            root=_root(common, data),
            jobs_at_once=common.jobs_at_once,
            defaults=common.options,
            tells_server=common.tells_server,
            idle_s=common.list_every_s,
            listing_share=common.list_share,
            patience=self._patience(common),
        )

    def _patience(self, settings: BatchSettings) -> Patience:
        return replace(self.patience, lost=timedelta(seconds=settings.lost_after_s))

    async def version_here(self, *, clock: Clock, base_environment: Mapping[str, str]) -> str:
        """Ask the scheduler's programs on this machine for their version; "" where they say none, or are others'."""
        transport = Here(programs={}, environment=base_environment, timeout_s=_TIMEOUT_S)
        dialect = self._make_dialect({}, clock)
        try:
            return dialect.read_version(await transport.run(dialect.version()))
        except (ExecutorRejected, ExecutorUnavailable):
            return ""
        finally:
            await transport.close()

    async def probe(self, *, clock: Clock, base_environment: Mapping[str, str]) -> Probed:
        """Look whether the scheduler is on this machine, and ask it; nothing is submitted."""
        transport = Here(programs={}, environment=base_environment, timeout_s=_TIMEOUT_S)
        try:
            path = base_environment.get("PATH", "")
            return await probe(self._make_dialect({}, clock), transport, path=path)
        finally:
            await transport.close()


def read_settings(settings: Mapping[str, object]) -> BatchSettings:
    """Read the settings that clusters of all schedulers have.

    Raises:
        InvalidRequest: one is unknown or cannot be used; the message names it.
    """
    try:
        read = msgspec.convert(settings, BatchSettings)
    except msgspec.ValidationError as error:
        raise InvalidRequest(f"a cluster's settings: {error}", field="cluster") from None
    _check_numbers(read)
    _check_paths(read)
    return read


def _check_numbers(read: BatchSettings) -> None:
    spans = [(name, getattr(read, name)) for name in ("timeout_s", "list_every_s", "lost_after_s")]
    for name, value in [*spans, *(("timeouts_s", each) for each in read.timeouts_s.values())]:
        if not (math.isfinite(value) and value > 0):
            raise InvalidRequest(f"{name} must be seconds above 0, not {value}", field=name)
    if not 0 < read.list_share <= 1:
        raise InvalidRequest(
            f"list_share must be above 0 and at most 1, not {read.list_share}", field="list_share"
        )
    for name in ("jobs_at_once", "commands_at_once"):
        if getattr(read, name) < 1:
            raise InvalidRequest(f"{name} must be 1 or more", field=name)


def _check_paths(read: BatchSettings) -> None:
    if read.directory is not None and not read.directory.startswith("/"):
        raise InvalidRequest(
            f"directory: {read.directory!r} must begin with '/'", field="directory"
        )
    if not _SHELL.fullmatch(read.ssh_shell):
        raise InvalidRequest(
            f"ssh_shell: {read.ssh_shell!r} must be a path that begins with '/', of letters, digits, '.', '_', '+', '-' and '/'",
            field="ssh_shell",
        )
    if read.ssh is not None and read.directory is None:
        raise InvalidRequest(
            "a cluster behind ssh needs directory: an absolute path on the cluster that its nodes share",
            field="directory",
        )


def _transport(
    settings: BatchSettings, base_environment: Mapping[str, str], data: Path
) -> Transport:
    if settings.ssh is not None:
        return OverSsh(
            settings.ssh,
            settings.programs,
            settings.environment,
            Client(environment=base_environment, options=settings.ssh_options, directory=data),
            shell=settings.ssh_shell,
            prelude=settings.ssh_prelude,
            timeout_s=settings.timeout_s,
            timeouts_s=settings.timeouts_s,
            at_once=settings.commands_at_once,
        )
    return _here(settings, base_environment)


def _here(settings: BatchSettings, base_environment: Mapping[str, str]) -> Here:
    return Here(
        programs=settings.programs,
        environment={**base_environment, **settings.environment},
        timeout_s=settings.timeout_s,
        timeouts_s=settings.timeouts_s,
        at_once=settings.commands_at_once,
    )


def _root(settings: BatchSettings, data: Path) -> str:
    return settings.directory or str(data.absolute())
