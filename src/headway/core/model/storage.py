"""How much room the store takes and has."""

import msgspec


class Footprint(msgspec.Struct, frozen=True, kw_only=True):
    """Sizes in bytes; None where there is no such thing.

    Attributes:
        bytes: what the store takes.
        reusable_bytes: what of it is empty and will be used again.
        disk_bytes: the size of the file system that it is on.
        disk_free_bytes: what is left there.
    """

    bytes: int = 0
    reusable_bytes: int = 0
    disk_bytes: int | None = None
    disk_free_bytes: int | None = None
