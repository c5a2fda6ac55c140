"""Standard Webhooks: the library of those who made the specification is the judge."""

import base64
from datetime import UTC, datetime

import pytest
import standardwebhooks
from hypothesis import given
from hypothesis import strategies as st

from headway.lib.webhooks import key_of, matches, signature

KEYS = st.binary(min_size=24, max_size=64)


def secret_of(key: bytes) -> str:
    return f"whsec_{base64.b64encode(key).decode()}"


@given(key=KEYS, body=st.text())
def test_a_signature_is_what_the_specifications_own_library_makes(key: bytes, body: str) -> None:
    at = datetime(2026, 1, 1, 12, tzinfo=UTC)
    theirs = standardwebhooks.Webhook(secret_of(key)).sign("msg_1", at, body)
    own = signature(
        key, message_id="msg_1", timestamp=int(at.timestamp()), body=body.encode("utf-8")
    )
    assert own == theirs


@given(KEYS)
def test_a_secret_is_read_as_its_bytes(key: bytes) -> None:
    assert key_of(secret_of(key)) == key


@pytest.mark.parametrize(
    "secret",
    [
        "",
        "whsec_",
        "whsec_c2VjcmV0",
        base64.b64encode(b"k" * 32).decode(),
        "whsec_" + "ü" * 40,
        secret_of(b"k" * 65),
        secret_of(b"k" * 32) + "\n",
    ],
)
def test_what_is_no_secret_is_refused_without_being_repeated(secret: str) -> None:
    with pytest.raises(ValueError, match="whsec_ and 24 to 64") as refused:
        key_of(secret)
    assert secret.removeprefix("whsec_") == "" or secret not in str(refused.value)


def test_one_of_several_signatures_is_enough() -> None:
    key = b"k" * 32
    right = signature(key, message_id="m", timestamp=1, body=b"x")
    assert matches(f"v1,AAAA {right}", key, message_id="m", timestamp=1, body=b"x")
    assert not matches(f"v1,AAAA {right}", key, message_id="m", timestamp=1, body=b"y")
    assert not matches("v1,ü", key, message_id="m", timestamp=1, body=b"x")
