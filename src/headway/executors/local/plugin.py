"""The entry point ``local`` of the group ``headway.executors``."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from headway.core.ports.clock import Clock
from headway.core.ports.executor import Executor
from headway.executors.local.executor import LocalExecutor
from headway.executors.settings import check_known, count_of, seconds_of

_GRACE_S: Final = 5.0
_IDLE_S: Final = 10.0
_KNOWN: Final = ("grace_s", "idle_s", "jobs_at_once")


@dataclass(frozen=True, slots=True)
class LocalPlugin:
    """Makes local executors."""

    api: int = 1
    name: str = "local"

    def make(
        self,
        settings: Mapping[str, object],
        *,
        clock: Clock,
        data: Path,
        base_environment: Mapping[str, str],
    ) -> Executor:
        """Make the executor; nothing is started before its ``start``.

        Settings:
            jobs_at_once: how many jobs run at the same time (default: the cores this process may use).
            grace_s: seconds between SIGTERM and SIGKILL (default 5).
            idle_s: seconds without jobs and server after which the helper processes end (default 10).

        Raises:
            InvalidRequest: a setting is unknown or cannot be used; the message names it.
        """
        check_known(settings, _KNOWN, of=self.name)
        at_once = count_of(settings, "jobs_at_once", of=self.name)
        return LocalExecutor(
            clock=clock,
            data=data,
            base_environment=base_environment,
            jobs_at_once=at_once or len(os.sched_getaffinity(0)),
            grace_s=seconds_of(settings, "grace_s", default_s=_GRACE_S, of=self.name),
            idle_s=seconds_of(settings, "idle_s", default_s=_IDLE_S, of=self.name),
        )


plugin: Final = LocalPlugin()
