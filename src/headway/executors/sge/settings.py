"""What differs from one Grid Engine to the next: how its administrator has named things."""

import re
from collections.abc import Mapping
from typing import Final

import msgspec

from headway.core.errors import InvalidRequest

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.+-]*")
_NAMES: Final = (
    "parallel_environment",
    "mpi_environment",
    "memory_resource",
    "gpu_resource",
    "exclusive_resource",
)
_ACCOUNTS: Final = ("project", "account")


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Names of a cluster's own; empty for what it does not have.

    Attributes:
        parallel_environment: for several cores on one host (``qconf -spl`` lists what there is, often ``smp``).
        mpi_environment: for processes on several hosts.
        memory_resource: what memory is asked for as. ``mem_free`` only looks for a host that has so much free; ``h_vmem``, at
            sites that count it, is a limit too, of address space.
        memory_per_slot: it is counted for each slot, so that a job with four asks for a quarter each.
        gpu_resource: what GPUs are asked for as, often ``gpu``.
        gpu_per_slot: likewise.
        exclusive_resource: what a host for oneself is asked for as, often ``exclusive``.
        account_is: what an account means: ``project`` (-P) or ``account`` (-A, free words for accounting).
        notify: a job has SIGTERM, and as long as its queue's ``notify`` says (a minute, as Grid Engine comes) to end, before it is
            killed; without it qdel kills at once.
        accounting: there is an accounting file that qacct can read here.
    """

    parallel_environment: str = ""
    mpi_environment: str = ""
    memory_resource: str = "mem_free"
    memory_per_slot: bool = True
    gpu_resource: str = ""
    gpu_per_slot: bool = False
    exclusive_resource: str = ""
    account_is: str = "project"
    notify: bool = True
    accounting: bool = True

    def __post_init__(self) -> None:
        """Refuse what would not be one word of a qsub option.

        Raises:
            InvalidRequest: names the setting.
        """
        for name in _NAMES:
            value = getattr(self, name)
            if value and _NAME.fullmatch(value) is None:
                raise InvalidRequest(
                    f"{name}: {value!r} cannot be the name of anything in Grid Engine", field=name
                )
        if self.account_is not in _ACCOUNTS:
            raise InvalidRequest(
                f"account_is: {self.account_is!r} is neither of {', '.join(_ACCOUNTS)}",
                field="account_is",
            )


#: What these settings are called, beside those that clusters of every scheduler have.
OWN_SETTINGS: Final = Settings.__struct_fields__


def read_settings(settings: Mapping[str, object]) -> Settings:
    """Read them from a configuration.

    Raises:
        InvalidRequest: one is unknown or cannot be used; the message names it.
    """
    try:
        return msgspec.convert(settings, Settings)
    except msgspec.ValidationError as error:
        raise InvalidRequest(
            f"a Grid Engine cluster's settings: {error}", field="cluster"
        ) from None
