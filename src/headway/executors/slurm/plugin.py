"""The entry point ``slurm`` of the group ``headway.executors``."""

from collections.abc import Mapping
from typing import Final

from headway.core.errors import InvalidRequest
from headway.core.ports.clock import Clock
from headway.executors.batch.settings import BatchPlugin
from headway.executors.slurm.dialect import SlurmDialect


def _dialect(settings: Mapping[str, object], _: Clock) -> SlurmDialect:
    cluster = settings.get("cluster", "")
    if not isinstance(cluster, str):
        raise InvalidRequest(
            f"cluster must be the name of one of several Slurm clusters, not {cluster!r}",
            field="cluster",
        )
    return SlurmDialect(cluster=cluster)


plugin: Final = BatchPlugin(
    "slurm", _dialect, own_settings=("cluster",), signs=("sbatch", "squeue")
)
