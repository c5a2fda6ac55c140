"""UUIDs that sort by the time they were made.

Source: RFC 9562, section 5.7 (UUIDv7), with the 12 bits of rand_a as a fraction of the millisecond
(section 6.2, method 3), so that ids made by one process keep their order.
"""

from typing import Final

_VERSION: Final = 0x7 << 76
_VARIANT: Final = 0b10 << 62
_MASK_62: Final = (1 << 62) - 1


def uuid7(*, time_ns: int, random_bits: int) -> str:
    """Give the UUIDv7 of a time since the epoch and 62 random bits (more are cut off), as text in small letters."""
    milliseconds, rest_ns = divmod(time_ns, 1_000_000)
    fraction = rest_ns * 4096 // 1_000_000
    bits = (milliseconds & ((1 << 48) - 1)) << 80 | _VERSION | fraction << 64
    digits = f"{bits | _VARIANT | (random_bits & _MASK_62):032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
