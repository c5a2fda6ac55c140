"""Ids are UUIDs of version 7, in the order of their times."""

import uuid

from hypothesis import given
from hypothesis import strategies as st

from headway.lib.ids import uuid7

TIMES_NS = st.integers(0, (1 << 48) * 1_000_000 - 1)
BITS = st.integers(0, (1 << 64) - 1)


@given(TIMES_NS, BITS)
def test_an_id_is_the_text_of_a_uuid_of_version_7(time_ns: int, bits: int) -> None:
    text = uuid7(time_ns=time_ns, random_bits=bits)
    made = uuid.UUID(text)
    assert (str(made), made.version, made.variant) == (text, 7, uuid.RFC_4122)
    assert made.int >> 80 == time_ns // 1_000_000


@given(TIMES_NS, TIMES_NS, BITS, BITS)
def test_an_id_made_a_quarter_of_a_microsecond_later_sorts_later(
    first_ns: int, gap_ns: int, bits: int, more: int
) -> None:
    later_ns = min(first_ns + 250 + gap_ns, (1 << 48) * 1_000_000 - 1)
    if later_ns - first_ns >= 250:
        first = uuid7(time_ns=first_ns, random_bits=bits)
        assert first < uuid7(time_ns=later_ns, random_bits=more)
