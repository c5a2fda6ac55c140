"""The parameters of requests that read, and the cursors of their pages."""

import base64
import binascii
import re
from datetime import datetime
from typing import Annotated, Final, TypeAlias

import msgspec
from msgspec import Meta

from headway.core.errors import InvalidRequest
from headway.core.model.names import Cluster, JobId, WorkerId
from headway.core.model.selection import Selection
from headway.core.model.state import State
from headway.core.query.syntax import LONGEST
from headway.protocols.rest.wire.times import utc
from headway.protocols.rest.wire.words import Label

Limit: TypeAlias = Annotated[int, Meta(ge=1, le=1000, description="How many at most.")]
Cursor: TypeAlias = Annotated[
    str, Meta(min_length=1, max_length=8000, description="`next` of the page before.")
]
Text: TypeAlias = Annotated[str, Meta(min_length=1, max_length=1000)]
After: TypeAlias = Annotated[int, Meta(ge=0, le=2**63 - 1, description="Only what came later.")]
Search: TypeAlias = Annotated[
    str,
    Meta(
        max_length=LONGEST,
        description="A query in the search grammar: `state:failed label:campaign-3 created:>2d`.",
    ),
]
GroupRef: TypeAlias = Annotated[str, Meta(min_length=1, max_length=2_000)]
JobRef: TypeAlias = Annotated[str, Meta(min_length=1, max_length=40)]

_IN_GROUP: Final = (
    "Somewhere in this group of yours: its id, its name or a path. Parts of other jobs too."
)
_NUMBER: Final = re.compile(r"[1-9][0-9]{0,17}", re.ASCII)


class Query(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What all queries have in common: a parameter that is not known is refused."""


class NoQuery(Query, frozen=True, kw_only=True):
    """No parameters."""


class JobsQuery(Query, frozen=True, kw_only=True):
    """Which jobs to list, newest first."""

    q: Search = ""
    state: Annotated[
        list[State], Meta(max_length=6, description="Any of these; may be repeated.")
    ] = msgspec.field(default_factory=list)
    label: Annotated[
        list[Label], Meta(max_length=100, description="All of these; may be repeated.")
    ] = msgspec.field(default_factory=list)
    name: Annotated[Text, Meta(description="Exactly this name.")] | None = None
    owner: Text | None = None
    cluster: Text | None = None
    since: (
        Annotated[datetime, Meta(tz=True, description="Created at this time or later.")] | None
    ) = None
    text: (
        Annotated[Text, Meta(description="Somewhere in the name, status text or a label.")] | None
    ) = None
    parent: (
        Annotated[
            JobRef, Meta(description="The children of this job; else jobs that have no parent.")
        ]
        | None
    ) = None
    group: Annotated[GroupRef, Meta(description=_IN_GROUP)] | None = None
    children: Annotated[
        bool, Meta(description="Parts of other jobs too; with `parent` it says nothing.")
    ] = False
    hidden: Annotated[bool, Meta(description="Hidden jobs too.")] = False
    limit: Limit = 50
    cursor: Cursor | None = None


class WorkersQuery(Query, frozen=True, kw_only=True):
    """Which page of a job's workers."""

    limit: Limit = 50
    cursor: Cursor | None = None


class JobEventsQuery(Query, frozen=True, kw_only=True):
    """Which of a job's events, oldest first."""

    after: After = 0
    limit: Limit = 50


class LiveQuery(Query, frozen=True, kw_only=True):
    """Which changes to be told, and since when."""

    after: (
        Annotated[After, Meta(description="The last sequence that is known; else from now on.")]
        | None
    ) = None
    job: Annotated[JobRef, Meta(description="Of this job.")] | None = None
    label: Annotated[
        list[Label], Meta(max_length=100, description="Of jobs with all of these labels.")
    ] = msgspec.field(default_factory=list)
    owner: Annotated[Text, Meta(description="Of this user's jobs.")] | None = None
    group: (
        Annotated[GroupRef, Meta(description="Of this group of yours, and of the jobs below it.")]
        | None
    ) = None
    q: (
        Annotated[
            str,
            Meta(
                max_length=LONGEST,
                description="Of the jobs that `GET /jobs` lists with this `q`, which may be empty: without parts of"
                " other jobs and without hidden ones, unless the query asks for them.",
            ),
        ]
        | None
    ) = None
    children: Annotated[bool, Meta(description="With `q`: of parts of other jobs too.")] = False


class EventsQuery(LiveQuery, frozen=True, kw_only=True):
    """The same of server-sent events."""

    once: Annotated[
        bool,
        Meta(
            description="Answer what changed since `after`, or only where one is, and end: for asking again and again"
            " where something between hands on no answer before it is complete."
        ),
    ] = False


class EndsQuery(Query, frozen=True, kw_only=True):
    """Since when functions' ends are to be told."""

    after: (
        Annotated[After, Meta(description="The last sequence that is known; else from now on.")]
        | None
    ) = None


class SuggestionsQuery(Query, frozen=True, kw_only=True):
    """What is typed so far."""

    q: Search = ""
    limit: Annotated[int, Meta(ge=1, le=50, description="How many at most.")] = 12


class LogQuery(Query, frozen=True, kw_only=True):
    """Which part of a log."""

    attempt: (
        Annotated[int, Meta(ge=1, le=2**31 - 1, description="Else the present attempt.")] | None
    ) = None
    tail: (
        Annotated[
            str,
            Meta(
                min_length=1,
                max_length=20,
                description="The last bytes (`4096`) or lines (`100l`).",
                extra_json_schema={"pattern": "^[0-9]{1,18}l?$"},
            ),
        ]
        | None
    ) = None
    follow: Annotated[bool, Meta(description="Go on until the job has ended.")] = False


def selection_of(query: JobsQuery, *, parent: JobId | None) -> Selection:
    """Give the core's selection for a query whose parent has been looked up."""
    return Selection(
        states=frozenset(query.state),
        labels=frozenset(query.label),
        name=query.name,
        owner=query.owner,
        cluster=None if query.cluster is None else Cluster(query.cluster),
        since=None if query.since is None else utc(query.since),
        text=query.text,
        parent=parent,
        children=query.children and parent is None,
        hidden=query.hidden,
    )


def jobs_cursor(number: int | None) -> str | None:
    """Give the cursor of the page of jobs below a number."""
    return None if number is None else sealed(f"j{number}")


def read_jobs_cursor(cursor: str | None) -> int | None:
    """Read a cursor back to the number to go on below.

    Raises:
        InvalidRequest: it is none of ours.
    """
    if cursor is None:
        return None
    number = opened(cursor, "j")
    if not _NUMBER.fullmatch(number):
        raise no_cursor(cursor)
    return int(number)


def workers_cursor(worker: WorkerId) -> str:
    """Give the cursor of the page of workers after one."""
    return sealed(f"w{worker}")


def read_workers_cursor(cursor: str | None) -> WorkerId | None:
    """Read a cursor back to the worker to go on after.

    Raises:
        InvalidRequest: it is none of ours.
    """
    return None if cursor is None else WorkerId(opened(cursor, "w"))


def sealed(text: str) -> str:
    """Make a cursor of a text."""
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def opened(cursor: str, kind: str) -> str:
    """Give the text of a cursor behind the letter that says what it is for.

    Raises:
        InvalidRequest: it is none of ours.
    """
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        text = raw.decode()
    except (ValueError, binascii.Error):
        raise no_cursor(cursor) from None
    if not text.startswith(kind) or "\0" in text:
        raise no_cursor(cursor)
    return text[1:]


def no_cursor(cursor: str) -> InvalidRequest:
    """Make the error for something that is no cursor of ours."""
    return InvalidRequest(
        f"cursor must be what 'next' of the page before said, not {cursor[:40]!r}", field="cursor"
    )
