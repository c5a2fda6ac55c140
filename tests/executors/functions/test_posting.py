"""A worker's way to tell: a connection that is kept, and what servers may answer."""

import http.client
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest

from headway.executors.functions.posting import Line

PLAIN = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
CHUNKED = b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"
IN_BETWEEN = b"HTTP/1.1 100 Continue\r\n\r\n"
PATIENCE_S = 30.0


@contextmanager
def answering(*connections: Sequence[bytes]) -> Iterator[tuple[str, list[bytes]]]:
    """Serve so many connections, one after the other, each with these answers; gives the address and what was asked."""
    asked: list[bytes] = []

    def serve() -> None:
        for answers in connections:
            line, _ = listener.accept()
            with line:
                line.settimeout(PATIENCE_S)
                for answer in answers:
                    asked.append(_request(line))
                    line.sendall(answer)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(PATIENCE_S)
        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}/below/", asked
        finally:
            thread.join(PATIENCE_S)


def _request(line: socket.socket) -> bytes:
    request = b""
    while not request.endswith(b"{}"):
        request += line.recv(1000)
    return request


def post(line: Line, url: str) -> int:
    return line.post(url, "/it", {"Authorization": "Bearer x"}, b"{}")


def test_a_connection_is_kept() -> None:
    line = Line(PATIENCE_S)
    with answering((PLAIN, PLAIN)) as (url, asked):
        assert [post(line, url), post(line, url)] == [200, 200]
    line.close()

    assert asked[0] == asked[1]
    assert asked[0].startswith(b"POST /below/it HTTP/1.1\r\nHost: 127.0.0.1:")
    assert b"\r\nAuthorization: Bearer x\r\n" in asked[0]
    assert b"\r\nContent-Length: 2\r\n" in asked[0]


def test_a_connection_that_the_server_closed_meanwhile_is_opened_anew() -> None:
    line = Line(PATIENCE_S)
    with answering((PLAIN,), (PLAIN,)) as (url, asked):
        assert [post(line, url), post(line, url)] == [200, 200]
    line.close()

    assert len(asked) == 2


@pytest.mark.parametrize(
    "answer", [CHUNKED, PLAIN.replace(b"\r\n\r\n", b"\r\nconnection: close\r\n\r\n")]
)
def test_an_answer_that_ends_with_its_connection_is_understood(answer: bytes) -> None:
    line = Line(PATIENCE_S)
    with answering((answer,), (IN_BETWEEN + PLAIN,)) as (url, _):
        assert post(line, url) in {200, 201}
        assert post(line, url) == 200
    line.close()


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 ???", b"220 mail.example ESMTP\r\n\r\n"])
def test_what_is_no_answer_is_an_error(answer: bytes) -> None:
    line = Line(PATIENCE_S)
    with answering((answer,)) as (url, _), pytest.raises((OSError, http.client.HTTPException)):
        post(line, url)


def test_a_server_that_is_not_there_is_an_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"

    with pytest.raises(OSError, match="refused"):
        post(Line(PATIENCE_S), url)
