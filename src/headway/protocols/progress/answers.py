"""The progress protocol's answers: the seed's plain OK, JSON for those who ask for it, pages and pictures."""

import mimetypes
from typing import Final
from urllib.parse import urlencode

import msgspec

from headway.core.model.job import Job
from headway.core.operations.named import Opened
from headway.lib.asgi import Scope, header
from headway.protocols.http.guards import EMBEDDABLE
from headway.protocols.http.problems import Answer

_OK: Final = b"OK"
_NO_STORE: Final = (b"cache-control", b"no-store")
#: A picture that is opened by itself is a page: it may look as it is told, and run nothing.
_PICTURE_POLICY: Final = (
    b"content-security-policy",
    b"default-src 'none'; img-src 'self'; style-src 'unsafe-inline'",
)


class Created(msgspec.Struct, frozen=True, kw_only=True):
    """The JSON answer of /progress/create."""

    id: str
    number: int
    jobid: str
    view_url: str
    update_url: str
    superseded: str | None = None


class Reported(msgspec.Struct, frozen=True, kw_only=True):
    """The JSON answer of /progress/update."""

    id: str
    number: int
    state: str
    next_report_s: float


def wants_json(scope: Scope) -> bool:
    """Tell whether the client asked for JSON by its Accept header."""
    return b"application/json" in (header(scope["headers"], b"accept") or b"")


def created_answer(scope: Scope, opened: Opened, *, jobid: str, key: str, base_url: str) -> Answer:
    """Answer a create. The update address carries the job's key, so that it works from any host."""
    job = opened.job
    view_url = f"{base_url}/progress/show?{urlencode({'jobid': jobid})}"
    update_url = f"{base_url}/progress/update?{urlencode({'jobid': jobid, 'k': key})}"
    old = opened.superseded.id if opened.superseded else None
    if wants_json(scope):
        words = Created(
            id=job.id,
            number=job.number,
            jobid=jobid,
            view_url=view_url,
            update_url=update_url,
            superseded=old,
        )
        return _answer(msgspec.json.encode(words), b"application/json", _NO_STORE)
    headers = [
        (b"headway-job", job.id.encode()),
        (b"headway-view-url", view_url.encode()),
        (b"headway-update-url", update_url.encode()),
    ]
    if old is not None:
        headers.append((b"headway-superseded", old.encode()))
    return _answer(_OK, b"text/plain; charset=utf-8", _NO_STORE, *headers)


def reported_answer(scope: Scope, job: Job, *, next_report_s: float) -> Answer:
    """Answer an update."""
    after = (b"headway-next-report", f"{next_report_s:g}".encode())
    if not wants_json(scope):
        return _answer(_OK, b"text/plain; charset=utf-8", _NO_STORE, after)
    words = Reported(id=job.id, number=job.number, state=job.state, next_report_s=next_report_s)
    return _answer(msgspec.json.encode(words), b"application/json", _NO_STORE, after)


def html_answer(page: str, *, status: int = 200, job: Job | None = None) -> Answer:
    """Answer with a page; of a job, its id is told as a header too, for programs that know the name only."""
    told = ((b"headway-job", job.id.encode()),) if job is not None else ()
    return _answer(page.encode(), b"text/html; charset=utf-8", _NO_STORE, *told, status=status)


def picture_answer(drawn: bytes, *, vector: bool, status: int = 200) -> Answer:
    """Answer with a picture, which others' pages may show."""
    kind = b"image/svg+xml" if vector else b"image/png"
    return _answer(
        drawn, kind, (b"cache-control", b"no-cache"), EMBEDDABLE, _PICTURE_POLICY, status=status
    )


def static_answer(name: str, body: bytes) -> Answer:
    """Answer with a file that comes with the program."""
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return _answer(body, f"{kind}; charset=utf-8".encode(), (b"cache-control", b"max-age=300"))


def _answer(body: bytes, kind: bytes, *headers: tuple[bytes, bytes], status: int = 200) -> Answer:
    length = (b"content-length", b"%d" % len(body))
    return Answer(status=status, headers=((b"content-type", kind), length, *headers), body=body)
