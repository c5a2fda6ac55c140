"""The entry point ``lsf`` of the group ``headway.executors``."""

from collections.abc import Mapping
from typing import Final

from headway.core.errors import InvalidRequest
from headway.core.ports.clock import Clock
from headway.executors.batch.settings import BatchPlugin
from headway.executors.lsf.dialect import LsfDialect
from headway.executors.lsf.flavour import Flavour


def _dialect(settings: Mapping[str, object], clock: Clock) -> LsfDialect:
    flavour = settings.get("flavour")
    words = [each.value for each in Flavour]
    if flavour is not None and flavour not in words:
        raise InvalidRequest(
            f"flavour must be {' or '.join(words)}, or left out to have it found out, not {flavour!r}",
            field="flavour",
        )
    chosen = None if flavour is None else Flavour(str(flavour))
    return LsfDialect(flavour=chosen, now=clock.now)


plugin: Final = BatchPlugin("lsf", _dialect, own_settings=("flavour",), signs=("bsub", "bjobs"))
