"""Runs the pass log_progress for one cluster's jobs that Headway has handed over."""

import contextlib
from collections.abc import Callable
from typing import Final

from headway.app.trouble import Troubles
from headway.core.core import Core
from headway.core.errors import ExecutorUnavailable
from headway.core.model.job import Job
from headway.core.model.names import Cluster
from headway.core.passes.log_progress import LogProgress
from headway.core.passes.running_logs import OwnLogs

EVERY_S: Final = 2.0
_AT_ONCE: Final = 10


class OwnProgress:
    """One cluster's background work on what its own jobs write.

    Args:
        is_watched: tells whether anybody follows changes now.
    """

    def __init__(
        self, core: Core, *, cluster: Cluster, troubles: Troubles, is_watched: Callable[[], bool]
    ) -> None:
        self._cluster = f"cluster {cluster}"
        self._troubles = troubles
        self._logs = OwnLogs(core, cluster=cluster, is_watched=is_watched)
        self._progress = LogProgress(core, self._logs, at_once=_AT_ONCE)

    def noticed(self, job: Job) -> None:
        """Hear of a job of this cluster as it was just committed."""
        self._logs.noticed(job)

    async def round(self) -> None:
        """Look at some logs, unless the cluster is known to be in trouble.

        Raises:
            StorageFull: no space to report; what could not be is read again.
        """
        await self._logs.start()
        if self._cluster not in self._troubles.present():
            with contextlib.suppress(ExecutorUnavailable):  # the cluster's own loop says so
                await self._progress.round()
