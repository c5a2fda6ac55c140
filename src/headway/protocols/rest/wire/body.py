"""What all bodies have in common."""

import msgspec


class Body(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something that a caller sends: a key that is not known is refused."""
