"""The entry point ``slurm`` of the group ``headway.executors``."""

from typing import Final

from headway.executors.batch.settings import BatchPlugin
from headway.executors.slurm.dialect import SlurmDialect

plugin: Final = BatchPlugin("slurm", lambda _: SlurmDialect())
