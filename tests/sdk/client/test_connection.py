"""A connection against a server that answers just so."""

import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress

import pytest

from headway.core.errors import ServerUnreachable
from headway.sdk.address import Address
from headway.sdk.connection import Connection
from headway.sdk.message import Request

GET = Request("GET", "/")
POST = Request("POST", "/")
OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"
CLOSING = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok"


class Scripted:
    """Answers the requests of each connection in turn with these bytes, then closes it."""

    def __init__(self, *connections: Sequence[bytes]) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._script = connections
        self.requests: list[bytes] = []
        self.closed = threading.Semaphore(0)
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    @property
    def address(self) -> Address:
        return Address("http", "127.0.0.1", self._listener.getsockname()[1])

    def _serve(self) -> None:
        for answers in self._script:
            with suppress(OSError):
                line, _ = self._listener.accept()
                with line:
                    for answer in answers:
                        self.requests.append(line.recv(65536))
                        line.sendall(answer)
                self.closed.release()

    def end(self) -> None:
        self._listener.close()


@pytest.fixture
def scripted() -> Iterator[Callable[..., Scripted]]:
    made: list[Scripted] = []

    def make(*connections: Sequence[bytes]) -> Scripted:
        made.append(Scripted(*connections))
        return made[-1]

    yield make
    for server in made:
        server.end()


def test_a_connection_is_used_again(scripted: Callable[..., Scripted]) -> None:
    server = scripted([OK, OK])
    with Connection(server.address, token="hw_1") as connection:
        assert [connection.send(GET).body for _ in range(2)] == [b"ok", b"ok"]
    assert b"authorization: Bearer hw_1\r\n" in server.requests[1]


def test_a_connection_that_the_server_ends_is_opened_anew(
    scripted: Callable[..., Scripted],
) -> None:
    server = scripted([CLOSING], [OK])
    with Connection(server.address) as connection:
        assert [connection.send(GET).body for _ in range(2)] == [b"ok", b"ok"]


def test_a_kept_connection_that_has_been_closed_is_noticed_before_sending(
    scripted: Callable[..., Scripted],
) -> None:
    server = scripted([OK], [OK])
    with Connection(server.address) as connection:
        connection.send(POST)
        assert server.closed.acquire(timeout=60)
        assert connection.send(POST).body == b"ok"


def test_what_may_be_repeated_is_sent_again_when_a_kept_connection_breaks(
    scripted: Callable[..., Scripted],
) -> None:
    server = scripted([OK, b""], [OK])
    with Connection(server.address) as connection:
        connection.send(GET)
        assert connection.send(GET).body == b"ok"
    assert len(server.requests) == 3


def test_what_may_not_be_repeated_is_not(scripted: Callable[..., Scripted]) -> None:
    server = scripted([OK, b""], [OK])
    with Connection(server.address) as connection:
        connection.send(GET)
        with pytest.raises(ServerUnreachable, match="in the middle"):
            connection.send(POST)
    assert len(server.requests) == 2


def test_an_answer_that_does_not_come_is_not_waited_for_for_ever() -> None:
    gate = socket.create_server(("127.0.0.1", 0))
    address = Address("http", "127.0.0.1", gate.getsockname()[1])
    with gate, pytest.raises(ServerUnreachable, match="nothing came in time"):
        Connection(address, timeout_s=0.05).send(GET)


def test_a_body_that_stops_is_not_waited_for_for_ever() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = Address("http", "127.0.0.1", listener.getsockname()[1])
        half = threading.Thread(target=_send_half, args=(listener,), daemon=True)
        half.start()
        with pytest.raises(ServerUnreachable, match=r"within 0\.2 s"):
            Connection(address, timeout_s=0.2).send(GET)
        half.join(10)


def _send_half(listener: socket.socket) -> None:
    line, _ = listener.accept()
    with line:
        line.recv(65536)
        line.sendall(OK[:-1])
        line.recv(65536)


def test_where_nobody_listens_the_error_says_what_to_do() -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        address = Address("http", "127.0.0.1", gone.getsockname()[1])
    with pytest.raises(ServerUnreachable, match="start one with `headway serve`"):
        Connection(address).send(GET)


@pytest.mark.parametrize("host", ["no-such-host.invalid", "256.1.1.1"])
def test_a_name_that_means_nothing_is_no_server(host: str) -> None:
    with pytest.raises(ServerUnreachable):
        Connection(Address("http", host, 9998)).send(GET)


def test_a_stream_gives_what_has_come_and_tells_when_nothing_has(
    scripted: Callable[..., Scripted],
) -> None:
    chunked = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n"
    server = scripted([chunked, b"0\r\n\r\n"])
    with Connection(server.address).stream(GET) as stream:
        assert stream.read(10) == b"ok"
        assert stream.read(0.01) is None


def test_a_stream_that_is_cut_off_is_told_from_one_that_ends(
    scripted: Callable[..., Scripted],
) -> None:
    server = scripted([b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n"])
    with Connection(server.address).stream(GET) as stream:
        assert stream.read(10) == b"ok"
        with pytest.raises(ServerUnreachable, match="in the middle"):
            stream.read(10)
