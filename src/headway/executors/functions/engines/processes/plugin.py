"""The engine ``processes``."""

from dataclasses import dataclass
from typing import Final

from headway.executors.functions.engine import Engine, Listener, Making
from headway.executors.functions.engines.processes.engine import ProcessesEngine


@dataclass(frozen=True, slots=True)
class ProcessesPlugin:
    """Makes the engine whose workers are processes of this machine."""

    settings: tuple[str, ...] = ()

    def make(self, making: Making, listener: Listener) -> Engine:
        """Make the engine; nothing is started before its first task."""
        return ProcessesEngine(making, listener)


plugin: Final = ProcessesPlugin()
