"""The entry point ``sge`` of the group ``headway.executors``."""

from typing import Final

from headway.executors.batch.settings import BatchPlugin
from headway.executors.sge.dialect import SgeDialect
from headway.executors.sge.settings import OWN_SETTINGS, read_settings

plugin: Final = BatchPlugin(
    "sge",
    lambda settings, clock: SgeDialect(read_settings(settings), clock.now),
    own_settings=OWN_SETTINGS,
    signs=("qstat", "qconf"),
)
