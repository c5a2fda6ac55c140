"""The engine ``dask``."""

from dataclasses import dataclass
from importlib.util import find_spec
from typing import Final

from headway.core.errors import InvalidRequest
from headway.executors.functions.engine import Engine, Listener, Making
from headway.executors.functions.engines.remote.engine import RemoteEngine
from headway.executors.functions.engines.remote.settings import beat_s, text

if find_spec("distributed") is None or find_spec("cloudpickle") is None:
    raise ModuleNotFoundError("No module named 'distributed'")


@dataclass(frozen=True, slots=True)
class DaskPlugin:
    """Makes engines for Dask clusters."""

    settings: tuple[str, ...] = ("address", "scheduler_file", "beat_s")

    def make(self, making: Making, listener: Listener) -> Engine:
        """Make the engine.

        Settings:
            address: the scheduler's: ``tcp://host:8786``.
            scheduler_file: the file that ``dask scheduler --scheduler-file`` writes; one of the two is needed.
            beat_s: how often workers renew their claims, and so hear that they are to be cancelled (default 2).

        Raises:
            InvalidRequest: neither or both are given, or they are no texts.
        """
        told = {name: text(making.settings, name) for name in ("address", "scheduler_file")}
        if bool(told["address"]) == bool(told["scheduler_file"]):
            raise InvalidRequest(
                "executors.functions: engine dask needs either address or scheduler_file",
                field="address",
            )
        return RemoteEngine(
            making,
            listener,
            module="headway.executors.functions.engines.dask.grid",
            settings=told,
            beat_s=beat_s(making.settings),
        )


plugin: Final = DaskPlugin()
