"""What a receiver's verifier believes, and what it does not."""

import base64
from collections.abc import Mapping
from datetime import UTC, datetime

import pytest
import standardwebhooks

from headway import MacCredentials, MacVerifier, Unauthenticated, WebhookVerifier
from headway.lib.mac_auth import SignedRequest, header_of
from headway.lib.webhooks import key_of, signature

NOW = 1_800_000_000
KEY = b"k" * 32
SECRET = f"whsec_{base64.b64encode(KEY).decode()}"
OTHER = f"whsec_{base64.b64encode(b'o' * 32).decode()}"
MAC_KEY = MacCredentials(id="server", key="secret of both")
URL = "http://Receiver.example:8080/status/7?x=1"


class Clock:
    def __init__(self) -> None:
        self.now = float(NOW)

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time() -> Clock:
    return Clock()


def webhook(
    body: bytes = b"{}", *, at: int = NOW, name: str = "m1", key: bytes = KEY
) -> Mapping[str, str]:
    return {
        "Webhook-Id": name,
        "Webhook-Timestamp": str(at),
        "Webhook-Signature": signature(key, message_id=name, timestamp=at, body=body),
    }


def mac(
    body: bytes = b"{}", *, at: int = NOW, nonce: str = "n1", key: MacCredentials = MAC_KEY
) -> dict[str, str]:
    request = SignedRequest(method="PUT", path="/status/7", host="receiver.example", port=8080)
    return {
        **webhook(body, at=at, key=key.key.encode()),
        "Authorization": header_of(key, request, ts=at, nonce=nonce),
    }


def test_a_webhook_that_was_signed_just_now_is_believed(time: Clock) -> None:
    verifier = WebhookVerifier(SECRET, now=time)
    assert verifier.verify(webhook(), b"{}").id == "m1"


def test_a_webhook_is_signed_as_the_specifications_own_library_signs(time: Clock) -> None:
    at = datetime.fromtimestamp(NOW, UTC)
    theirs = standardwebhooks.Webhook(SECRET).sign("m1", at, "{}")
    headers = {**webhook(), "Webhook-Signature": theirs}
    assert WebhookVerifier(SECRET, now=time).verify(headers, b"{}").id == "m1"


def test_while_a_secret_takes_over_from_another_both_are_good(time: Clock) -> None:
    verifier = WebhookVerifier(OTHER, SECRET, now=time)
    assert verifier.verify(webhook(), b"{}").id == "m1"
    assert verifier.verify(webhook(key=key_of(OTHER), name="m2"), b"{}").id == "m2"


@pytest.mark.parametrize("off_s", [-301, 301, 10**9])
def test_a_webhook_from_more_than_five_minutes_off_is_refused(time: Clock, off_s: int) -> None:
    verifier = WebhookVerifier(SECRET, now=time)
    with pytest.raises(Unauthenticated, match="300 s are allowed"):
        verifier.verify(webhook(at=NOW + off_s), b"{}")


@pytest.mark.parametrize("off_s", [-299, 299])
def test_a_clock_that_is_less_off_is_no_reason(time: Clock, off_s: int) -> None:
    assert WebhookVerifier(SECRET, now=time).verify(webhook(at=NOW + off_s), b"{}").id == "m1"


def test_a_changed_body_or_another_key_is_refused(time: Clock) -> None:
    verifier = WebhookVerifier(SECRET, now=time)
    with pytest.raises(Unauthenticated, match="body"):
        verifier.verify(webhook(), b"{} ")
    with pytest.raises(Unauthenticated, match="body"):
        verifier.verify(webhook(key=b"x" * 32), b"{}")
    assert verifier.verify(webhook(), b"{}").id == "m1"


def test_a_webhook_that_somebody_sends_again_is_refused_as_long_as_its_time_is_good(
    time: Clock,
) -> None:
    verifier = WebhookVerifier(SECRET, now=time)
    ahead = webhook(at=NOW + 299)
    verifier.verify(ahead, b"{}")
    for later_s in (0, 300, 598):
        time.now = NOW + later_s
        with pytest.raises(Unauthenticated, match="came before"):
            verifier.verify(ahead, b"{}")
    time.now = NOW + 600
    with pytest.raises(Unauthenticated, match="ago"):
        verifier.verify(ahead, b"{}")


def test_the_servers_own_second_try_of_a_message_is_believed(time: Clock) -> None:
    verifier = WebhookVerifier(SECRET, now=time)
    verifier.verify(webhook(), b"{}")
    time.now += 5
    assert verifier.verify(webhook(at=NOW + 5), b"{}").id == "m1"


@pytest.mark.parametrize(
    "left_out", ["Webhook-Id", "Webhook-Timestamp", "Webhook-Signature", "all"]
)
def test_a_webhook_without_one_of_its_headers_is_refused(time: Clock, left_out: str) -> None:
    headers = {name: value for name, value in webhook().items() if left_out not in {name, "all"}}
    with pytest.raises(Unauthenticated):
        WebhookVerifier(SECRET, now=time).verify(headers, b"{}")


def test_a_request_signed_with_mac_is_believed(time: Clock) -> None:
    call = MacVerifier([MAC_KEY], now=time).verify(mac(), b"{}", method="PUT", url=URL)
    assert (call.id, call.signed_by) == ("m1", "server")


def test_a_request_of_another_sender_of_mac_is_believed_when_the_body_need_not_be_covered(
    time: Clock,
) -> None:
    headers = {"authorization": mac()["Authorization"]}
    with pytest.raises(Unauthenticated, match="webhook-signature"):
        MacVerifier([MAC_KEY], now=time).verify(headers, b"{}", method="PUT", url=URL)
    verifier = MacVerifier([MAC_KEY], covers_body=False, now=time)
    assert verifier.verify(headers, b"other", method="PUT", url=URL).signed_by == "server"


@pytest.mark.parametrize(
    ("headers", "body", "method", "url", "why"),
    [
        (mac(), b"{}", "POST", URL, "not that of this request"),
        (mac(), b"{}", "PUT", URL.replace("7", "8"), "not that of this request"),
        (mac(), b"{}", "PUT", URL.replace("8080", "80"), "not that of this request"),
        (mac(), b"[]", "PUT", URL, "body"),
        (mac(at=NOW - 301), b"{}", "PUT", URL, "301 s ago"),
        (mac(at=NOW + 301), b"{}", "PUT", URL, "301 s ahead"),
        (mac(key=MacCredentials(id="who", key="x")), b"{}", "PUT", URL, "no key is called 'who'"),
        (mac(key=MacCredentials(id="server", key="x")), b"{}", "PUT", URL, "not that of this"),
        ({}, b"{}", "PUT", URL, "not signed with MAC"),
        ({"Authorization": 'MAC id="server"'}, b"{}", "PUT", URL, "lacks ts"),
    ],
)
def test_a_request_that_is_not_what_was_signed_is_refused(
    time: Clock, headers: Mapping[str, str], body: bytes, method: str, url: str, why: str
) -> None:
    with pytest.raises(Unauthenticated, match=why):
        MacVerifier([MAC_KEY], now=time).verify(headers, body, method=method, url=url)


def test_a_nonce_is_good_once(time: Clock) -> None:
    verifier = MacVerifier([MAC_KEY], now=time)
    verifier.verify(mac(), b"{}", method="PUT", url=URL)
    with pytest.raises(Unauthenticated, match="came before"):
        verifier.verify(mac(), b"{}", method="PUT", url=URL)
    later = mac(nonce="n2", at=NOW + 1)
    assert verifier.verify(later, b"{}", method="PUT", url=URL).signed_by == "server"


@pytest.mark.parametrize(("at", "why"), [(NOW, "came before"), (NOW - 5, "at another time")])
def test_the_body_of_another_call_is_not_believed(time: Clock, at: int, why: str) -> None:
    verifier = MacVerifier([MAC_KEY], now=time)
    other = mac(b"done", at=at)
    verifier.verify(other, b"done", method="PUT", url=URL)
    forged = {**other, "Authorization": mac(b"failed", nonce="n2")["Authorization"]}
    with pytest.raises(Unauthenticated, match=why):
        verifier.verify(forged, b"done", method="PUT", url=URL)


def test_what_was_refused_does_not_use_up_its_nonce(time: Clock) -> None:
    verifier = MacVerifier([MAC_KEY], now=time)
    with pytest.raises(Unauthenticated):
        verifier.verify(mac(), b"[]", method="PUT", url=URL)
    assert verifier.verify(mac(), b"{}", method="PUT", url=URL).signed_by == "server"
