"""The entry point ``functions`` of the group ``headway.executors``."""

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from headway.core.errors import InvalidRequest
from headway.core.ports.clock import Clock
from headway.core.ports.executor import Executor
from headway.executors.functions.engine import EnginePlugin, Making
from headway.executors.functions.executor import FunctionsExecutor
from headway.executors.settings import check_known, count_of, seconds_of

_GRACE_S: Final = 5.0
_IDLE_S: Final = 10.0
_PROCESSES: Final = "processes"
#: Imported when a cluster names one: their libraries are large.
_ENGINES: Final = {
    _PROCESSES: "headway.executors.functions.engines.processes.plugin",
    "ipyparallel": "headway.executors.functions.engines.ipyparallel.plugin",
    "dask": "headway.executors.functions.engines.dask.plugin",
}
_KNOWN: Final = ("engine", "workers", "grace_s", "idle_s")


@dataclass(frozen=True, slots=True)
class FunctionsPlugin:
    """Makes executors for functions."""

    api: int = 1
    name: str = "functions"

    def make(
        self,
        settings: Mapping[str, object],
        *,
        clock: Clock,
        data: Path,
        base_environment: Mapping[str, str],
    ) -> Executor:
        """Make the executor; no worker is started before its first function.

        Settings:
            engine: ``processes`` (the default: workers on this machine), ``ipyparallel`` or ``dask``.
            workers: how many functions run at the same time (default: the cores that this process may use).
            grace_s: seconds between JobCancelled and force (default 5).
            idle_s: seconds without a server after which workers end (default 10).
            More by the engine; see its own plugin.

        Raises:
            InvalidRequest: a setting is unknown or cannot be used; the message names it.
        """
        engine = _engine(settings.get("engine", _PROCESSES))
        check_known(settings, (*_KNOWN, *engine.settings), of=self.name)
        making = Making(
            name=data.name,
            data=data.absolute(),
            base_environment=dict(base_environment),
            workers=count_of(settings, "workers", of=self.name),
            grace_s=seconds_of(settings, "grace_s", default_s=_GRACE_S, of=self.name),
            idle_s=seconds_of(settings, "idle_s", default_s=_IDLE_S, of=self.name),
            now=clock.now,
            settings={name: settings[name] for name in engine.settings if name in settings},
        )
        return FunctionsExecutor(engine, making)


plugin: Final = FunctionsPlugin()


def _engine(name: object) -> EnginePlugin:
    if not isinstance(name, str) or name not in _ENGINES:
        raise InvalidRequest(
            f"executors.functions: engine must be one of {', '.join(_ENGINES)}, not {name!r}",
            field="engine",
        )
    try:
        found: EnginePlugin = importlib.import_module(_ENGINES[name]).plugin
    except ImportError as error:
        raise InvalidRequest(
            f"executors.functions: engine {name} needs what is not installed here ({error});"
            f" pip install 'headway[{name}]'",
            field="engine",
        ) from error
    return found
