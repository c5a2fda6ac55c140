from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headway.core.errors import InvalidRequest, ServerUnreachable
from headway.sdk.address import Address
from headway.sdk.http1 import LONGEST_HEAD_BYTES, ResponseReader, encode
from headway.sdk.message import Request

HERE = Address("http", "127.0.0.1", 9998)
COUNTED = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-A: one\r\nx-a: two\r\n\r\nhello"
CHUNKED = (
    b"HTTP/1.1 100 Continue\r\n\r\n"
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"3;a=b\r\nhel\r\n2\r\nlo\r\n0\r\nX-Trailer: 1\r\n\r\n"
)
TO_END = b"HTTP/1.0 200 OK\r\n\r\nhello"


def read(data: bytes, *, method: str = "GET") -> ResponseReader:
    reader = ResponseReader(method=method)
    reader.feed(data)
    return reader


def split(data: bytes, cuts: list[int]) -> list[bytes]:
    places = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    return [data[start:end] for start, end in pairwise(places)]


@given(st.sampled_from([COUNTED, CHUNKED, TO_END]), st.lists(st.integers(min_value=0)))
def test_a_response_reads_alike_wherever_it_is_cut(data: bytes, cuts: list[int]) -> None:
    reader = ResponseReader(method="GET")
    parts = []
    for piece in split(data, cuts):
        reader.feed(piece)
        parts.append(reader.take())
    reader.end()
    assert reader.is_complete
    assert (reader.status, b"".join(parts)) == (200, b"hello")


@given(st.binary())
def test_bytes_of_any_kind_are_read_or_refused(data: bytes) -> None:
    reader = ResponseReader(method="GET")
    try:
        reader.feed(data)
        reader.end()
    except ServerUnreachable:
        assert not reader.is_complete


def test_a_header_that_came_twice_is_joined() -> None:
    assert read(COUNTED).headers["x-a"] == "one, two"


@pytest.mark.parametrize(("data", "keeps"), [(COUNTED, True), (CHUNKED, True), (TO_END, False)])
def test_a_connection_is_kept_where_http_says_so(data: bytes, keeps: bool) -> None:
    assert read(data).keeps_alive is keeps


def test_a_server_that_says_close_is_taken_at_its_word() -> None:
    assert not read(COUNTED.replace(b"X-A", b"Connection: close\r\nX-A")).keeps_alive


@pytest.mark.parametrize("status", [204, 304])
def test_an_answer_without_a_body_is_complete_with_its_head(status: int) -> None:
    assert read(b"HTTP/1.1 %d X\r\n\r\n" % status).is_complete


def test_the_answer_to_head_has_no_body_whatever_its_length_says() -> None:
    assert read(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", method="HEAD").is_complete


@pytest.mark.parametrize("data", [COUNTED[:-1], CHUNKED[:-2], b"", b"HTTP/1.1 20"])
def test_an_answer_that_is_cut_off_is_no_answer(data: bytes) -> None:
    with pytest.raises(ServerUnreachable, match="in the middle"):
        read(data).end()


@pytest.mark.parametrize(
    "data",
    [
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/2 200\r\n\r\n",
        b"HTTP/1.1 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"0" * 5000,
        b"HTTP/1.1 200 OK\r\n" + b"a" * LONGEST_HEAD_BYTES,
    ],
)
def test_what_is_not_http_is_refused(data: bytes) -> None:
    with pytest.raises(ServerUnreachable):
        read(data)


def test_a_request_is_a_request_line_headers_and_a_body() -> None:
    request = Request("POST", "/api/v1/jobs", (("a", "b c"),), (("accept", "x"),), b"{}")
    told = encode(request, Address("https", "::1", 443, "/jobs"), (("accept", "y"),))
    assert told == (
        b"POST /jobs/api/v1/jobs?a=b%20c HTTP/1.1\r\n"
        b"host: [::1]\r\naccept: x\r\ncontent-length: 2\r\n\r\n{}"
    )


def test_a_post_without_a_body_tells_so() -> None:
    assert b"content-length: 0\r\n" in encode(Request("POST", "/"), HERE)


@pytest.mark.parametrize("value", ["a\r\nx: y", "a\nb", "\0", "…"])
def test_a_header_cannot_smuggle_another(value: str) -> None:
    with pytest.raises(InvalidRequest):
        encode(Request("GET", "/", headers=(("idempotency-key", value),)), HERE)
