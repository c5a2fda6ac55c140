"""The entry point ``pbs`` of the group ``headway.executors``."""

from collections.abc import Mapping
from typing import Final

import msgspec

from headway.core.errors import InvalidRequest
from headway.core.ports.clock import Clock
from headway.executors.batch.settings import BatchPlugin
from headway.executors.pbs.dialect import PbsDialect


class _Own(msgspec.Struct, frozen=True, kw_only=True):
    """See PbsDialect."""

    user: str = ""
    history: bool = True


def _dialect(settings: Mapping[str, object], _: Clock) -> PbsDialect:
    try:
        own = msgspec.convert(settings, _Own)
    except msgspec.ValidationError as error:
        raise InvalidRequest(f"a cluster's settings: {error}", field="cluster") from None
    return PbsDialect(user=own.user, history=own.history)


plugin: Final = BatchPlugin(
    "pbs", _dialect, own_settings=("user", "history"), signs=("qstat", "pbs_rstat")
)
