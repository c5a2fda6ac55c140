"""Conditional requests: a job's ETag, what was read before and is still so, and changes to a known revision only.

A tag is the job's revision and a hash of the document: ``"5-0f3c9a1be2d46c71"``. Progress changes the hash alone, so that
a client that knows the revision may change the job while its workers report. The hash is this process's own: what was read
before a restart is read once more. Source: RFC 9110, section 13.
"""

import re
from http import HTTPStatus
from typing import Final

import msgspec

from headway.core.core import Core
from headway.core.errors import InvalidRequest, PreconditionFailed
from headway.lib.asgi import Headers, header, header_values
from headway.protocols.http.problems import Answer
from headway.protocols.rest.table import Row

WRITES: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_MAKING: Final = ("/clone", "/links")  # something else of the job, and leave it as it is
_HASH: Final = (1 << 64) - 1
_TAGS: Final = re.compile(rb'\s*(?:W/)?"[\x21\x23-\x7e]*"\s*(?:,\s*(?:W/)?"[\x21\x23-\x7e]*"\s*)*')
_TAG: Final = re.compile(rb'(W/)?"([\x21\x23-\x7e]*)"')
_REVISION: Final = re.compile(rb"([0-9]{1,18})(?:-[0-9a-f]+)?")
_ANY: Final = b"*"
_KEPT: Final = frozenset({b"etag", b"cache-control"})


def tag_of(rev: int, body: bytes) -> bytes:
    """Give the tag of a job's document."""
    # Python's own hash, keyed and of 64 bits: a cryptographic one took longer than to encode the document.
    return b'"%d-%016x"' % (rev, hash(body) & _HASH)


def guarded(core: Core, row: Row, headers: Headers) -> Core:
    """Give the core with which a request may change a job: of the revisions that If-Match names only, if there is one.

    Raises:
        InvalidRequest: If-Match is not well-formed.
        PreconditionFailed: what the request is for has no tag.
    """
    given = header_values(headers, b"if-match")
    if not given or given == [_ANY] or row.method not in WRITES:
        return core
    if not takes_if_match(row):
        raise PreconditionFailed("what this changes has no ETag: send no If-Match")
    found = [_REVISION.fullmatch(tag) for weak, tag in _tags(given, "If-Match") if not weak]
    revisions = frozenset(int(one[1]) for one in found if one is not None)
    return msgspec.structs.replace(core, only_revs=revisions)


def unless_known(answer: Answer, headers: Headers) -> Answer:
    """Give the answer to a read, or 304 where the client has that very document.

    Raises:
        InvalidRequest: If-None-Match is not well-formed.
    """
    given = header_values(headers, b"if-none-match")
    tag = header(answer.headers, b"etag") if given else None
    if tag is None or answer.status != HTTPStatus.OK:
        return answer
    if given != [_ANY] and tag.strip(b'"') not in {
        known for _, known in _tags(given, "If-None-Match")
    }:
        return answer
    kept = tuple(pair for pair in answer.headers if pair[0] in _KEPT)
    return Answer(status=HTTPStatus.NOT_MODIFIED, headers=kept, body=b"")


def takes_if_match(row: Row) -> bool:
    """Tell whether a row changes a job, and so what has a tag."""
    is_jobs = row.path.startswith("/jobs/{id}/") and not row.path.endswith(_MAKING)
    return is_jobs and row.method in WRITES


def _tags(given: list[bytes], name: str) -> list[tuple[bytes, bytes]]:
    joined = b",".join(given)
    if not _TAGS.fullmatch(joined):
        raise InvalidRequest(
            f'{name} must be a tag that an ETag told, in its quotes, such as "3-0f3c9a1be2d46c71"',
            field=name,
        )
    return _TAG.findall(joined)
