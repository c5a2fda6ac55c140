"""Asks the schedulers of this machine which ones they are, and whether they answer."""

from collections.abc import Mapping

from headway import plugins
from headway.app.environment import environment
from headway.app.system import SystemClock
from headway.executors.batch.probe import Probed
from headway.executors.batch.settings import BatchPlugin


async def probe_schedulers() -> Mapping[str, Probed]:
    """Look for every scheduler that an installed executor speaks to, by the executors' names; one after the other."""
    known = plugins.executors()
    clock, variables = SystemClock(), environment()
    seen: dict[str, Probed] = {}
    for name in known.names():
        plugin = known.load(name)
        if isinstance(plugin, BatchPlugin):
            seen[name] = await plugin.probe(clock=clock, base_environment=variables)
    return seen
