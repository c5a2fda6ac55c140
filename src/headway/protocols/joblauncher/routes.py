"""The joblauncher protocol's routes: read, call one operation, answer."""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Final, TypeAlias

from headway.core.core import Core
from headway.core.errors import HeadwayError, InvalidRequest, StagingFailed
from headway.core.model.principal import Principal
from headway.core.model.selection import Selection
from headway.core.operations.cancel import cancel
from headway.core.operations.find import find_detail, find_many, find_one
from headway.core.operations.submit import submit
from headway.lib.asgi import Receive, Scope, Send
from headway.protocols.http.aside import aside
from headway.protocols.http.body import decode_json, read_body, require_json
from headway.protocols.http.context import HttpContext
from headway.protocols.http.identity import identify
from headway.protocols.http.problems import Answer, answer_of, send_answer
from headway.protocols.http.query import Query
from headway.protocols.http.router import not_allowed, not_found, path_below
from headway.protocols.http.urls import base_url
from headway.protocols.joblauncher.answers import cancelling, created, lacking, listed, told
from headway.protocols.joblauncher.settings import Settings
from headway.protocols.joblauncher.submission import submission_of
from headway.protocols.joblauncher.wire.document import document_of
from headway.protocols.joblauncher.wire.request import missing_in, read_request

PROTOCOL: Final = "joblauncher"
PREFIX: Final = "/job"
_PAGE: Final = 1000
_MOST: Final = 10_000
_LARGEST: Final = 10**18 - 1
#: What the core calls by other names than this protocol's clients.
_FIELDS: Final[Mapping[str | None, str]] = {
    "stage_in": "prestaged",
    "stage_out": "poststaged",
    "callbacks[0].url": "status_callback_url",
}
_Handler: TypeAlias = Callable[[Scope, Receive, str], Awaitable[Answer]]


class Routes:
    """The protocol as an ASGI application, bound to a core."""

    def __init__(self, core: Core, context: HttpContext, settings: Settings) -> None:
        self._core = core
        self._context = context
        self._settings = settings
        self._jobs: Mapping[str, _Handler] = {
            "GET": self.list_jobs,
            "HEAD": self.list_jobs,
            "POST": self.submit_job,
        }
        self._job: Mapping[str, _Handler] = {
            "GET": self.read_job,
            "HEAD": self.read_job,
            "DELETE": self.cancel_job,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        try:
            given = await self._answer(scope, receive)
        except HeadwayError as error:
            given = answer_of(error)
        await send_answer(scope, send, given)

    async def _answer(self, scope: Scope, receive: Receive) -> Answer:
        ref = path_below(scope).strip("/")
        if scope["type"] != "http" or "/" in ref:
            return not_found(scope)
        handlers = self._job if ref else self._jobs
        handler = handlers.get(scope["method"])
        if handler is None:
            return not_allowed(scope, list(handlers))
        return await handler(scope, receive, ref)

    async def submit_job(self, scope: Scope, receive: Receive, _ref: str) -> Answer:
        """POST /job. The job is durable when this is answered."""
        actor = await self._actor(scope)
        require_json(scope["headers"])
        raw = await read_body(scope, receive)
        body = await aside(raw, partial(decode_json, raw))
        if not isinstance(body, Mapping):
            raise InvalidRequest("the body must be a JSON object, {...}", field="body")
        missing = missing_in(body)
        if missing is not None:
            return lacking(missing)
        submission = submission_of(read_request(body, raw), self._settings)
        try:
            submitted = await submit(
                self._core,
                actor=actor,
                protocol=PROTOCOL,
                submission=submission,
                stage_first=self._settings.strict,
            )
        except InvalidRequest as error:
            error.field = _field_of(error)
            raise
        return created(f"{self._base(scope)}/{submitted.job.id}")

    async def list_jobs(self, scope: Scope, _receive: Receive, _ref: str) -> Answer:
        """GET /job: the addresses of jobs, newest first."""
        query = Query.of(scope, known=("limit", "before"))
        limit = query.integer("limit", least=1, most=_MOST) or _PAGE
        page = await find_many(
            self._core,
            actor=await self._actor(scope),
            selection=Selection(),
            limit=limit,
            before=query.integer("before", least=1, most=_LARGEST),
        )
        base = self._base(scope)
        return listed(
            [f"{base}/{job.id}" for job in page.jobs],
            following=None if page.next is None else f"{base}?limit={limit}&before={page.next}",
        )

    async def read_job(self, scope: Scope, _receive: Receive, ref: str) -> Answer:
        """GET /job/{id}."""
        detail = await find_detail(self._core, actor=await self._actor(scope), ref=ref)
        newest = detail.attempts[-1] if detail.attempts else None
        return told(document_of(detail.job, newest.native_info if newest else {}))

    async def cancel_job(self, scope: Scope, _receive: Receive, ref: str) -> Answer:
        """DELETE /job/{id}. The wish is durable when this is answered; its sandbox goes with the job."""
        actor = await self._actor(scope)
        job = await find_one(self._core, actor=actor, ref=ref)
        await cancel(self._core, actor=actor, protocol=PROTOCOL, job_id=job.id, keep_outputs=False)
        return cancelling()

    async def _actor(self, scope: Scope) -> Principal:
        return await identify(scope, self._core, self._context.identity)

    def _base(self, scope: Scope) -> str:
        return base_url(scope, self._core.settings.public_url) + PREFIX


def _field_of(error: InvalidRequest) -> str | None:
    """Name what is wrong as the client has spelled it."""
    if isinstance(error, StagingFailed):
        return "prestaged"
    return _FIELDS.get(error.field, error.field)
