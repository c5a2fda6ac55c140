"""What happened, as a list; what happens, as it happens."""

from http import HTTPStatus
from typing import Final

from headway.core.core import Core
from headway.core.model.names import Seq
from headway.core.model.principal import Scope
from headway.core.model.selection import Selection
from headway.core.operations.find import find_events, find_one
from headway.core.operations.select import select
from headway.core.policy.access import require, visibility_of
from headway.lib.asgi import Scope as AsgiScope
from headway.protocols.http.identity import watch_over
from headway.protocols.http.live.sse import LiveEvents, resumed
from headway.protocols.http.live.wanted import Wanted
from headway.protocols.http.live.websocket import LiveSocket
from headway.protocols.http.problems import Answer
from headway.protocols.rest.answers import json_answer
from headway.protocols.rest.call import Call
from headway.protocols.rest.reading import QueryReader
from headway.protocols.rest.table import Row
from headway.protocols.rest.wire.changes import Changes
from headway.protocols.rest.wire.documents import EventsPage
from headway.protocols.rest.wire.queries import EventsQuery, JobEventsQuery, LiveQuery
from headway.protocols.rest.wire.render import event_document

_EVENTS: Final = QueryReader(JobEventsQuery)
_LIVE: Final = QueryReader(LiveQuery)
_LIVE_EVENTS: Final = QueryReader(EventsQuery)
_EVENT_STREAM: Final = (
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
)


async def list_events(call: Call) -> Answer:
    """GET /jobs/{id}/events."""
    query = call.query(_EVENTS)
    found = await find_events(
        call.core,
        actor=call.actor,
        job_id=await call.job_id(),
        after=Seq(query.after),
        limit=query.limit + 1,
    )
    page = found[: query.limit]
    more = page[-1].seq if len(found) > len(page) else None
    return json_answer(EventsPage(events=[event_document(event) for event in page], next=more))


class Live:
    """The two live streams. All their clients are told in the same words, so that each change is put into words once."""

    def __init__(self) -> None:
        self._changes: Changes | None = None

    async def events(self, call: Call) -> Answer | None:
        """GET /events."""
        query = call.query(_LIVE_EVENTS)
        wanted = await self._wanted(call, query)
        if call.scope["method"] == "HEAD":
            return Answer(status=HTTPStatus.OK, headers=_EVENT_STREAM, body=b"")
        if query.once:
            told = (await call.context.hub.missed(resumed(call.scope, wanted))).event
            length = (b"content-length", b"%d" % len(told))
            return Answer(status=HTTPStatus.OK, headers=(*_EVENT_STREAM, length), body=told)

        async def read(_scope: AsgiScope) -> Wanted:
            return wanted

        await LiveEvents(call.context.hub, read)(call.scope, call.receive, call.send)
        return None

    async def socket(self, call: Call) -> None:
        """Websocket /events/ws."""
        wanted = await self._wanted(call, call.query(_LIVE))

        async def read(_scope: AsgiScope) -> Wanted:
            return wanted

        await LiveSocket(call.context.hub, read)(call.scope, call.receive, call.send)

    async def _wanted(self, call: Call, query: LiveQuery) -> Wanted:
        job = None
        is_list = query.q is not None
        selection = Selection(
            labels=frozenset(query.label),
            owner=query.owner,
            children=query.children or not is_list,
            hidden=not is_list,
        )
        if query.job is None:
            require(call.actor, Scope.READ)
            selection = await select(
                call.core, actor=call.actor, q=query.q or "", within=selection, group=query.group
            )
        else:
            job = (await find_one(call.core, actor=call.actor, ref=query.job)).id
        return Wanted(
            rendering=self._rendering(call.core),
            visibility=visibility_of(call.actor),
            selection=selection,
            job=job,
            after=None if query.after is None else Seq(query.after),
            still_known=watch_over(call.scope, call.core, call.context.identity, call.actor),
        )

    def _rendering(self, core: Core) -> Changes:
        """Give the one rendering; clients with another one would not be told together."""
        if self._changes is None:
            floor_s = core.settings.stalled_floor_s
            self._changes = Changes(now=core.clock.now, stalled_floor_s=floor_s)
        return self._changes


def rows() -> tuple[Row, ...]:
    """Give the table's rows about events."""
    live = Live()
    return (
        Row(
            method="GET",
            path="/jobs/{id}/events",
            name="listEvents",
            tag="events",
            summary="List what happened to a job, oldest first.",
            handler=list_events,
            query=JobEventsQuery,
            answers=(EventsPage,),
            errors=(HTTPStatus.NOT_FOUND,),
        ),
        Row(
            method="GET",
            path="/events",
            name="watch",
            tag="events",
            summary="Be told what changes, as it changes (server-sent events).",
            handler=live.events,
            query=EventsQuery,
            media="text/event-stream; charset=utf-8",
            headers=(("Last-Event-ID", "The last sequence that is known; wins over `after`."),),
            errors=(HTTPStatus.NOT_FOUND,),
        ),
        Row(
            method="WEBSOCKET",
            path="/events/ws",
            name="watchSocket",
            tag="events",
            summary="Be told what changes, as it changes (a websocket).",
            handler=live.socket,
            query=LiveQuery,
        ),
    )
