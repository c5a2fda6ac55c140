from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headway.core.errors import TooLarge
from headway.sdk import sse
from headway.sdk.sse import EventReader, ServerEvent

STREAM = (
    b": hello\n\nid: 7\nevent: changes\ndata: [1,\ndata: 2]\n\n"
    b"data:x\r\n\r\nretry: 5\nunknown\nid: 8\r\rdata: y\n\nevent: lost\n\ndata: \xc3\xa9\n\ndata: never"
)
EVENTS = [
    ServerEvent("7", "changes", "[1,\n2]"),
    ServerEvent("7", "message", "x"),
    ServerEvent("8", "message", "y"),
    ServerEvent("8", "message", "é"),
]


@given(st.lists(st.integers(min_value=0, max_value=len(STREAM))))
def test_events_read_alike_wherever_the_stream_is_cut(cuts: list[int]) -> None:
    reader = EventReader()
    places = sorted({0, len(STREAM), *cuts})
    pieces = [STREAM[a:b] for a, b in pairwise(places)]
    assert [event for piece in pieces for event in reader.feed(piece)] == EVENTS
    assert reader.last_id == "8"


def test_an_id_with_a_nul_is_passed_over() -> None:
    assert list(EventReader().feed(b"id: a\0b\ndata: x\n\n")) == [ServerEvent("", "message", "x")]


def test_an_event_without_an_end_is_refused_at_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sse, "LONGEST_EVENT_BYTES", 100)
    with pytest.raises(TooLarge, match="100 bytes"):
        list(EventReader().feed(b"data: " + b"x" * 100))
