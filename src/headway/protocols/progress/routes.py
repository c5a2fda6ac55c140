"""The progress protocol's routes: read, call one operation, answer."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Final, TypeAlias

from headway.core.core import Core
from headway.core.errors import NotFound
from headway.core.model.event import Event
from headway.core.model.job import Job
from headway.core.model.names import JobId, WorkerId
from headway.core.model.principal import Principal
from headway.core.model.selection import Visibility
from headway.core.model.worker import Counter, Report, Tally, Worker
from headway.core.operations.find import tally_of
from headway.core.operations.named import open_named
from headway.core.operations.report import report_workers
from headway.core.operations.tokens import progress_key
from headway.core.policy.access import OPEN_NETWORK
from headway.lib.asgi import Scope
from headway.protocols.http.context import HttpContext
from headway.protocols.http.guards import refuse_careless_write
from headway.protocols.http.identity import watch_over
from headway.protocols.http.live.wanted import Wanted
from headway.protocols.http.problems import Answer
from headway.protocols.http.urls import base_url
from headway.protocols.progress.access import Asked, asked, is_known, shown_job
from headway.protocols.progress.answers import (
    created_answer,
    html_answer,
    picture_answer,
    reported_answer,
    static_answer,
)
from headway.protocols.progress.limits import RateLimit, source_of
from headway.protocols.progress.page import Shown, job_page, missing_page
from headway.protocols.progress.pictures import Pictures
from headway.protocols.progress.quota import Quota
from headway.protocols.progress.tails import read_tails
from headway.protocols.progress.wire import (
    DEFAULT_MAX_AGE_S,
    IMPLICIT,
    NAMESPACE,
    Show,
    Update,
    lookup_key,
    read_create,
    read_query,
    read_show,
    read_update,
)
from headway.views.badge import badge, unknown_badge
from headway.views.palette import Theme
from headway.views.stylesheet import stylesheet

PROTOCOL: Final = "progress"
NEXT_REPORT_S: Final = 1.0
Handler: TypeAlias = Callable[[Scope], Awaitable[Answer]]


class _Bell:
    """Renders every change as the same short word: the page then reads what it shows anew."""

    def job(self, job: Job, tally: Tally) -> str:  # noqa: ARG002 -- see Rendering
        """Tell of a job."""
        return "job"

    def worker(self, worker: Worker) -> str:  # noqa: ARG002 -- see Rendering
        """Tell of a worker."""
        return "worker"

    def counters(self, job_id: JobId, counters: Sequence[Counter]) -> str:  # noqa: ARG002 -- see Rendering
        """Tell of counters."""
        return "counters"

    def event(self, event: Event) -> str:  # noqa: ARG002 -- see Rendering
        """Tell news."""
        return "event"

    def gone(self, job_id: JobId) -> str:  # noqa: ARG002 -- see Rendering
        """Tell that a job is not watched any more."""
        return "gone"

    def reset(self) -> str:
        """Tell that something was missed."""
        return "reset"


_BELL: Final = _Bell()


class Routes:
    """The protocol's handlers, bound to a core."""

    def __init__(self, core: Core, context: HttpContext) -> None:
        self._core = core
        self._context = context
        self._pictures = Pictures(core)
        self._limit = RateLimit()
        self._quota = Quota(core, context.open_quota)

    def table(self) -> Mapping[str, Handler]:
        """Give the handlers by their path below the protocol's prefix."""
        return {
            "/create": self.create,
            "/update": self.update,
            "/show": self.show,
            "/render": self.render,
            "/render.png": self.render,
            "/render.svg": self.render_svg,
            "/badge.svg": self.badge,
            "/static/show.js": self.script,
            "/static/show.css": self.style,
        }

    async def watch(self, scope: Scope) -> Wanted:
        """GET /progress/events: tells the page when to look again, and nothing else.

        Raises:
            NotFound: no such job (yet); the page goes on asking at its own interval.
        """
        asks = read_show(read_query(scope["query_string"]))
        who = await shown_job(self._core, self._context, scope, asks)
        if who.job is None:
            raise NotFound(_missing(asks))
        return Wanted(
            rendering=_BELL,
            visibility=Visibility(job=who.job.id),
            job=who.job.id,
            still_known=watch_over(scope, self._core, self._context.identity, who.actor),
        )

    async def create(self, scope: Scope) -> Answer:
        """GET /progress/create: a new job that only reports, under a name."""
        refuse_careless_write(scope)
        said = read_create(read_query(scope["query_string"]))
        who = await self._asked(scope, said.jobid, None)
        await self._quota.check_job(who.actor, self._source(scope))
        opened = await open_named(
            self._core,
            actor=who.actor,
            protocol=PROTOCOL,
            namespace=NAMESPACE,
            key=lookup_key(said.jobid),
            shown=said.jobid,
            name=said.desc or said.jobid,
            max_age_s=said.maxage_s,
            worker_count=said.workers,
        )
        return created_answer(
            scope,
            opened,
            jobid=said.jobid,
            key=progress_key(self._core, opened.job),
            base_url=base_url(scope, self._core.settings.public_url),
        )

    async def update(self, scope: Scope) -> Answer:
        """GET /progress/update: one worker's newest report."""
        refuse_careless_write(scope)
        said = read_update(read_query(scope["query_string"]))
        who = await self._asked(scope, said.jobid, said.key)
        job = who.job or await self._implicit(scope, who.actor, said.jobid)
        await self._quota.check_worker(who.actor, job, WorkerId(said.workid))
        reported = await report_workers(
            self._core,
            actor=who.actor,
            protocol=PROTOCOL,
            job_id=job.id,
            reports=(self._report(said),),
        )
        if any(worker.is_new for worker in reported.workers):
            self._quota.added(who.actor, job)
        return reported_answer(scope, reported.job, next_report_s=NEXT_REPORT_S)

    async def show(self, scope: Scope) -> Answer:
        """GET /progress/show: the live page."""
        asks = read_show(read_query(scope["query_string"]))
        who = await shown_job(self._core, self._context, scope, asks)
        query = _address(asks)
        if who.job is None:
            words = _missing(asks)
            page = missing_page(
                words, query=query, interval_s=asks.interval_s, at=self._core.clock.now()
            )
            return html_answer(page, status=404)
        shown = Shown(
            job=who.job,
            tally=await tally_of(self._core, job_id=who.job.id),
            counters=await self._core.store.counters(who.job.id),
            tails=await read_tails(self._core, actor=who.actor, job=who.job),
            at=self._core.clock.now(),
            may_ask=is_known(who.actor),
        )
        page = job_page(shown, query=query, interval_s=asks.interval_s)
        return html_answer(page, job=who.job)

    async def render(self, scope: Scope) -> Answer:
        """GET /progress/render: the picture as PNG."""
        return await self._picture(scope, vector=False)

    async def render_svg(self, scope: Scope) -> Answer:
        """GET /progress/render.svg: the same picture as SVG."""
        return await self._picture(scope, vector=True)

    async def badge(self, scope: Scope) -> Answer:
        """GET /progress/badge.svg: the job's name and state in one line."""
        asks = read_show(read_query(scope["query_string"]))
        who = await shown_job(self._core, self._context, scope, asks)
        theme = Theme(asks.theme)
        if who.job is None:
            label = asks.jobid or asks.ref or "" if asks.label is None else asks.label
            drawn = unknown_badge(label, theme=theme)
            return picture_answer(drawn.encode(), vector=True, status=404)
        tally = await tally_of(self._core, job_id=who.job.id)
        drawn = badge(who.job, tally, label=asks.label, theme=theme)
        return picture_answer(drawn.encode(), vector=True)

    async def script(self, scope: Scope) -> Answer:  # noqa: ARG002 -- every handler takes it
        """GET /progress/static/show.js."""
        return static_answer("show.js", _file("show.js"))

    async def style(self, scope: Scope) -> Answer:  # noqa: ARG002 -- every handler takes it
        """GET /progress/static/show.css."""
        return static_answer("show.css", stylesheet(_file("show.css").decode()).encode())

    async def _picture(self, scope: Scope, *, vector: bool) -> Answer:
        asks = read_show(read_query(scope["query_string"]))
        who = await shown_job(self._core, self._context, scope, asks)
        if who.job is not None:
            drawn = await self._pictures.of_job(who.job, asks, vector=vector)
            return picture_answer(drawn, vector=vector)
        drawn = await self._pictures.of_words(
            _missing(asks), "It is shown here as soon as it is created.", asks, vector=vector
        )
        return picture_answer(drawn, vector=vector, status=404)

    async def _asked(self, scope: Scope, jobid: str, key: str | None) -> Asked:
        who = await asked(self._core, self._context, scope, jobid=jobid, key=key)
        if who.actor.via == OPEN_NETWORK:
            self._limit.take(self._source(scope), at=self._core.clock.now())
        return who

    def _source(self, scope: Scope) -> str:
        return source_of(scope, behind_proxy=self._context.identity.behind_proxy)

    async def _implicit(self, scope: Scope, actor: Principal, jobid: str) -> Job:
        await self._quota.check_job(actor, self._source(scope))
        opened = await open_named(
            self._core,
            actor=actor,
            protocol=PROTOCOL,
            namespace=NAMESPACE,
            key=lookup_key(jobid),
            shown=jobid,
            name=jobid,
            labels=(IMPLICIT,),
            max_age_s=DEFAULT_MAX_AGE_S,
            only_if_free=True,
        )
        return opened.job

    def _report(self, said: Update) -> Report:
        return Report(
            worker=WorkerId(said.workid),
            current=said.current,
            total=said.total,
            ok=said.ok,
            desc=said.desc,
            at=self._core.clock.now(),
        )


def _missing(asks: Show) -> str:
    return f"No job is called {asks.jobid or asks.ref}"


def _address(asks: Show) -> dict[str, str]:
    """Give the parameters that lead to the same job drawn the same way."""
    known = {"jobid": asks.jobid, "id": asks.ref, "k": asks.key, "link": asks.link}
    words = {name: value for name, value in known.items() if value is not None}
    return words | ({} if asks.style == "health" else {"style": asks.style})


@cache
def _file(name: str) -> bytes:
    return files("headway.protocols.progress").joinpath("static", name).read_bytes()
