"""The entry point ``local`` of the group ``headway.executors``."""

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from headway.core.errors import InvalidRequest
from headway.core.ports.clock import Clock
from headway.core.ports.executor import Executor
from headway.executors.local.executor import LocalExecutor

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
        unknown = sorted(set(settings).difference(_KNOWN))
        if unknown:
            raise InvalidRequest(
                f"executors.local: unknown setting {unknown[0]!r}; known: {', '.join(_KNOWN)}",
                field=unknown[0],
            )
        return LocalExecutor(
            clock=clock,
            data=data,
            base_environment=base_environment,
            jobs_at_once=_jobs_at_once(settings.get("jobs_at_once")),
            grace_s=_seconds("grace_s", settings.get("grace_s", _GRACE_S)),
            idle_s=_seconds("idle_s", settings.get("idle_s", _IDLE_S)),
        )


plugin: Final = LocalPlugin()


def _jobs_at_once(value: object) -> int:
    if value is None:
        return len(os.sched_getaffinity(0))
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise InvalidRequest(
            f"executors.local: jobs_at_once must be a whole number above 0, not {value!r}",
            field="jobs_at_once",
        )
    return value


def _seconds(name: str, value: object) -> float:
    if (
        isinstance(value, bool)
        or not isinstance(value, int | float)
        or not math.isfinite(value)
        or value < 0
    ):
        raise InvalidRequest(
            f"executors.local: {name} must be a number of seconds, 0 or more, not {value!r}",
            field=name,
        )
    return float(value)
