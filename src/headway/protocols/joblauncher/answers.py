"""This protocol's answers."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Final

import msgspec

from headway.protocols.http.problems import Answer, Problem, answer
from headway.protocols.joblauncher.wire.document import Document

_JSON: Final = (b"content-type", b"application/json")
_NO_STORE: Final = (b"cache-control", b"no-store")


def created(address: str) -> Answer:
    """Answer a request that made a job: only headers."""
    location = (b"location", address.encode())
    return Answer(
        status=HTTPStatus.CREATED, headers=(location, _JSON, (b"content-length", b"0")), body=b""
    )


def told(document: Document) -> Answer:
    """Answer with a job."""
    return _json(msgspec.json.encode(document))


def listed(addresses: Sequence[str], *, following: str | None) -> Answer:
    """Answer with jobs' addresses; ``following`` is where the list goes on (RFC 8288)."""
    link = () if following is None else ((b"link", f'<{following}>; rel="next"'.encode()),)
    return _json(msgspec.json.encode(addresses), *link)


def cancelling() -> Answer:
    """Answer a cancel: the wish is durable."""
    return Answer(status=HTTPStatus.NO_CONTENT, headers=(), body=b"")


def lacking(field: str) -> Answer:
    """Answer a request without a field that it must have, as Bean Validation did."""
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    words = f"{field} is missing: a request needs jobdir and executable"
    return answer(
        Problem(
            title=status.phrase, status=status, detail=words, code="invalid-request", field=field
        )
    )


def _json(body: bytes, *more: tuple[bytes, bytes]) -> Answer:
    length = (b"content-length", b"%d" % len(body))
    return Answer(status=HTTPStatus.OK, headers=(_JSON, length, _NO_STORE, *more), body=body)
