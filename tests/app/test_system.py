"""The server's own seal and ids."""

import base64
import hashlib
import hmac
import uuid

from hypothesis import given
from hypothesis import strategies as st

from headway.app.system import HmacSeal, SystemIds


@given(secret=st.binary(max_size=200), text=st.text(max_size=200))
def test_a_signature_is_half_of_an_hmac_with_sha_256(secret: bytes, text: str) -> None:
    half = hmac.digest(secret, text.encode(), hashlib.sha256)[:16]
    seal = HmacSeal(secret)
    assert seal.sign(text) == base64.urlsafe_b64encode(half).rstrip(b"=").decode()
    assert seal.matches(text, seal.sign(text))
    assert not seal.matches(f"{text}.", seal.sign(text))


def test_ids_are_uuids_that_differ_and_sort_by_when_they_were_made() -> None:
    ids = SystemIds()
    made = [ids.new_job_id() for _ in range(1_000)]
    assert made == sorted(set(made))
    assert {uuid.UUID(one).version for one in made} == {7}
