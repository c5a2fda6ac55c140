import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headway.sdk import requests
from headway.sdk.message import Request, path_of, quoted


def body_of(request: Request) -> object:
    return json.loads(request.body)


def test_a_submit_carries_its_key() -> None:
    request = requests.submit({"command": ["make"]}, key="k1")
    assert (request.method, request.target) == ("POST", "/api/v1/jobs")
    assert ("idempotency-key", "k1") in request.headers
    assert body_of(request) == {"command": ["make"]}


def test_only_what_does_no_harm_twice_is_repeatable() -> None:
    assert requests.submit({}, key="k").is_repeatable
    assert requests.jobs().is_repeatable
    assert requests.put_worker("1", "w", current=1).is_repeatable
    assert not requests.submit({}).is_repeatable
    assert not requests.cancel("1").is_repeatable


def test_a_selection_becomes_a_query() -> None:
    request = requests.jobs(
        states=["failed", "running"],
        labels=["a b"],
        text="x&y=z",
        since=datetime(2026, 3, 1, tzinfo=UTC),
        hidden=True,
        limit=5,
    )
    assert request.target == (
        "/api/v1/jobs?state=failed&state=running&label=a%20b"
        "&since=2026-03-01T00%3A00%3A00%2B00%3A00&text=x%26y%3Dz&hidden=1&limit=5"
    )


def test_a_path_holds_any_worker_name() -> None:
    request = requests.put_worker("7", "../a b/ü?", current=1.5, ok=False)
    assert request.path == "/api/v1/jobs/7/workers/..%2Fa%20b%2F%C3%BC%3F"
    assert body_of(request) == {"current": 1.5, "ok": False}


def test_counters_are_patched_or_replaced() -> None:
    assert requests.counters("7", {"a": None}).method == "PATCH"
    assert requests.counters("7", {"a": [1, "red"]}, replace=True).method == "PUT"


@pytest.mark.parametrize(
    ("first", "last", "header"),
    [(0, 9, "bytes=0-9"), (5, None, "bytes=5-"), (None, 100, "bytes=-100")],
)
def test_a_part_of_a_log_is_asked_for_by_range(
    first: int | None, last: int | None, header: str
) -> None:
    request = requests.log("7", "stdout", first_byte=first, last_byte=last)
    assert request.headers == (("range", header),)


def test_a_log_can_be_followed_from_its_end() -> None:
    request = requests.log("7", "stderr", tail="20l", follow=True)
    assert request.target == "/api/v1/jobs/7/log/stderr?tail=20l&follow=1"


def test_a_number_that_json_has_not_is_refused_here() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        requests.put_worker("7", "w", current=float("nan"))


@given(st.text())
def test_quoted_text_is_plain_ascii_without_separators(text: str) -> None:
    told = quoted(text)
    assert told.isascii()
    assert not set(told) & set("/?#&=+ \r\n")


@given(st.text())
def test_any_text_can_be_submitted(text: str) -> None:
    assert body_of(requests.submit({"name": text})) == {"name": text}


def test_bytes_that_are_no_utf8_stay_what_they_are() -> None:
    assert path_of("jobs", b"\xff".decode("utf-8", "surrogateescape")) == "/api/v1/jobs/%FF"
