"""MAC Access Authentication, as its users have it."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headway.lib.mac_auth import (
    MacCredentials,
    SignedRequest,
    header_of,
    is_challenge,
    mac_of,
    read_header,
)

KEY = "_B1YfcqEYpZxyTx_-411-QdBOSI="
LOCALHOST = SignedRequest(method="GET", path="", host="localhost", port=80)
PRINTABLE = st.text(st.characters(codec="ascii", categories=("L", "N")), min_size=1)


@pytest.mark.parametrize(
    ("algorithm", "mac"),
    [
        ("hmac-sha-1", "cDuU6wfugKOnoAaEEEUz22J/kTc="),
        ("hmac-sha-256", "+RTs8Wua1CoscrjbZyS3fVmBgtaeymgKBAqYl4laqc4="),
    ],
)
def test_the_known_signatures_are_made(algorithm: str, mac: str) -> None:
    credentials = MacCredentials(id="eyJzYWx0I", key=KEY, algorithm=algorithm)
    assert mac_of(credentials, LOCALHOST, ts=0, nonce="0") == mac
    assert header_of(credentials, LOCALHOST, ts=0, nonce="0") == (
        f'MAC id="eyJzYWx0I",ts="0",nonce="0",mac="{mac}"'
    )


def test_sha_1_is_what_is_meant_when_nothing_is_said() -> None:
    assert MacCredentials(id="i", key=KEY).algorithm == "hmac-sha-1"


@pytest.mark.parametrize(
    ("name", "key", "algorithm"),
    [
        ("i", KEY, "hmac-md5"),
        ("", KEY, "hmac-sha-1"),
        ('i"', KEY, "hmac-sha-1"),
        ("i", "", "hmac-sha-1"),
        ("i", "ü", "hmac-sha-1"),
        ("i\n", KEY, "hmac-sha-1"),
    ],
)
def test_credentials_that_no_header_can_have_are_refused(
    name: str, key: str, algorithm: str
) -> None:
    with pytest.raises(ValueError, match=r"MAC"):
        MacCredentials(id=name, key=key, algorithm=algorithm)


@pytest.mark.parametrize(
    "other",
    [
        SignedRequest(method="PUT", path="", host="localhost", port=80),
        SignedRequest(method="GET", path="/", host="localhost", port=80),
        SignedRequest(method="GET", path="", host="localhosts", port=80),
        SignedRequest(method="GET", path="", host="localhost", port=8),
    ],
)
def test_another_request_has_another_signature(other: SignedRequest) -> None:
    credentials = MacCredentials(id="i", key=KEY)
    ours = mac_of(credentials, LOCALHOST, ts=0, nonce="0")
    assert mac_of(credentials, other, ts=0, nonce="0") != ours
    assert mac_of(credentials, LOCALHOST, ts=1, nonce="0") != ours
    assert mac_of(credentials, LOCALHOST, ts=0, nonce="1") != ours


def test_the_case_of_host_and_method_does_not_count() -> None:
    credentials = MacCredentials(id="i", key=KEY)
    other = SignedRequest(method="get", path="", host="LocalHost", port=80)
    assert mac_of(credentials, other, ts=0, nonce="0") == mac_of(
        credentials, LOCALHOST, ts=0, nonce="0"
    )


@given(name=PRINTABLE, nonce=PRINTABLE, ts=st.integers(0, 10**12))
def test_a_header_reads_back_as_it_was_made(name: str, nonce: str, ts: int) -> None:
    read = read_header(header_of(MacCredentials(id=name, key=KEY), LOCALHOST, ts=ts, nonce=nonce))
    assert (read.id, read.ts, read.nonce, read.ext) == (name, ts, nonce, "")


def test_commas_in_quotes_and_blanks_between_parts_are_read() -> None:
    read = read_header('mac  id="a,b", ts="1" ,nonce="n", ext="x=1", mac="m=="')
    assert (read.id, read.ts, read.nonce, read.ext, read.mac) == ("a,b", 1, "n", "x=1", "m==")


@pytest.mark.parametrize(
    "value",
    [
        "",
        "MAC",
        "Basic abc",
        'MAC id="a",ts="1",nonce="n"',
        'MAC id="a",ts="-1",nonce="n",mac="m"',
        'MAC id="a",ts="x",nonce="n",mac="m"',
        'MAC id="a",id="b",ts="1",nonce="n",mac="m"',
        'MAC id=a,ts="1",nonce="n",mac="m"',
        'MAC id="a,ts="1",nonce="n",mac="m"',
        'MAC id="",ts="1",nonce="n",mac="m"',
        'MAC id="a",ts="' + "1" * 400 + '",nonce="n",mac="m"',
    ],
)
def test_what_is_no_mac_header_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="MAC"):
        read_header(value)


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(ValueError):
        assert read_header(f"MAC {text}").id


def test_a_challenge_is_recognised_among_others() -> None:
    assert is_challenge("MAC")
    assert is_challenge('Basic realm="x", mac')
    assert not is_challenge('Bearer realm="MAC"')
    assert not is_challenge("")
