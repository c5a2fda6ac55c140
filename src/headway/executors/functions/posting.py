"""Posts JSON over a connection that is kept. Standard library only: workers have it."""

import http.client
import urllib.parse
from collections.abc import Mapping


class Line:
    """A connection to one server at a time, for one thread.

    Args:
        limit_s: for connecting, and for each pause in an answer.
    """

    def __init__(self, limit_s: float) -> None:
        self._limit_s = limit_s
        self._connection: http.client.HTTPConnection | None = None
        self._url = ""

    def post(self, url: str, path: str, headers: Mapping[str, str], body: bytes) -> int:
        """Post to a path below a server's address; gives the answer's status. What the answer says is not looked at.

        A connection that was kept may have been closed by the server: then it is sent once more.

        Raises:
            OSError: no answer.
            http.client.HTTPException: the answer is no HTTP.
            ValueError: the address is none.
        """
        parts = urllib.parse.urlsplit(url)
        request = (parts.path.rstrip("/") + path, headers, body)
        if self._connection is not None and self._url == url:
            try:
                return _exchange(self._connection, *request)
            except (OSError, http.client.HTTPException):
                pass
        self.close()
        self._connection, self._url = _to(parts, self._limit_s), url
        try:
            return _exchange(self._connection, *request)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Let go of the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _to(parts: urllib.parse.SplitResult, limit_s: float) -> http.client.HTTPConnection:
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    return kind(parts.hostname or "127.0.0.1", parts.port, timeout=limit_s)


def _exchange(
    connection: http.client.HTTPConnection, path: str, headers: Mapping[str, str], body: bytes
) -> int:
    connection.request("POST", path, body, dict(headers))
    answer = connection.getresponse()
    answer.read()
    return answer.status
