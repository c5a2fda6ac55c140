"""What clients say over the websocket, read."""

import pytest

from headway.core.errors import InvalidRequest
from headway.protocols.moi.wire.messages import read_message


@pytest.mark.parametrize("text", ["[" * 50_000, '{"get": ' + "[" * 50_000, '{"a": ' * 50_000])
def test_what_is_nested_too_deeply_is_refused_like_anything_else_that_makes_no_sense(
    text: str,
) -> None:
    with pytest.raises(InvalidRequest, match="not JSON"):
        read_message(text)
