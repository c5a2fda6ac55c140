"""The tables, as SQLAlchemy has them: what migrations lead to.

The running server does not import this (SQLAlchemy costs a quarter of a second and 20 MB): it makes a fresh file from
``schema``, which holds ``compiled()`` as text, and its statements name the columns themselves. Tests hold the three together.

Times are microseconds since 1970 in UTC. ``job`` in the other tables is the job's number.
"""

from typing import Final

from sqlalchemy import REAL, Column, Index, Integer, LargeBinary, MetaData, Table, Text, text
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

METADATA: Final = MetaData()


def _key(name: str, kind: type[Integer | Text] = Integer) -> Column[object]:
    return Column(name, kind(), primary_key=True, autoincrement=False, nullable=False)


def _int(name: str, *, null: bool = False) -> Column[int]:
    return Column(name, Integer(), nullable=null)


def _text(name: str, *, null: bool = False) -> Column[str]:
    return Column(name, Text(), nullable=null)


JOB: Final = Table(
    "job",
    METADATA,
    _key("number"),
    Column("id", LargeBinary(), nullable=False),
    _int("seq"),
    _int("rev"),
    _text("kind"),
    _text("protocol"),
    _text("owner"),
    _text("project", null=True),
    Column("parent", LargeBinary()),
    _int("position", null=True),
    _text("name"),
    _int("state"),
    _text("reason", null=True),
    _text("status_text"),
    _text("labels", null=True),
    _text("cluster", null=True),
    _int("attempt"),
    _int("created"),
    _int("queued", null=True),
    _int("started", null=True),
    _int("ended", null=True),
    _int("updated"),
    _int("hidden", null=True),
    _int("spec", null=True),
    _text("body"),
    sqlite_strict=True,
)
_ROOT: Final = text("parent IS NULL")
_CHILD: Final = text("parent IS NOT NULL")
Index("job_id", JOB.c.id, unique=True)
Index("job_seq", JOB.c.seq)
Index("job_root_state", JOB.c.state, JOB.c.number, JOB.c.created, sqlite_where=_ROOT)
Index("job_root_owner", JOB.c.owner, JOB.c.state, JOB.c.number, JOB.c.created, sqlite_where=_ROOT)
Index("job_parent", JOB.c.parent, JOB.c.number, sqlite_where=_CHILD)
Index("job_parent_state", JOB.c.parent, JOB.c.state, sqlite_where=_CHILD)
Index("job_name", JOB.c.name, JOB.c.number, sqlite_where=text("name <> ''"))
Index("job_unfinished", JOB.c.cluster, JOB.c.number, JOB.c.state, sqlite_where=text("state < 3"))
Index("job_reporting", JOB.c.number, sqlite_where=text("kind = 'report' AND state < 3"))
Index("job_ended", JOB.c.ended, JOB.c.number, sqlite_where=text("ended IS NOT NULL"))
Index("job_spec", JOB.c.spec, sqlite_where=text("spec IS NOT NULL"))

LABEL: Final = Table(
    "label",
    METADATA,
    _key("label", Text),
    _key("child"),
    _key("state"),
    _key("job"),
    sqlite_with_rowid=False,
    sqlite_strict=True,
)

SPEC: Final = Table(
    "spec",
    METADATA,
    _key("id"),
    _int("hash"),
    _text("body"),
    sqlite_strict=True,
)
Index("spec_hash", SPEC.c.hash)

ATTEMPT: Final = Table(
    "attempt",
    METADATA,
    _key("job"),
    _key("no"),
    _text("cluster"),
    _text("native_id", null=True),
    _text("native_state"),
    _text("host"),
    _int("sent", null=True),
    _int("started", null=True),
    _int("ended", null=True),
    _int("exit_code", null=True),
    _int("signal", null=True),
    _text("body"),
    sqlite_with_rowid=False,
    sqlite_strict=True,
)

WORKER: Final = Table(
    "worker",
    METADATA,
    _key("job"),
    _key("id", Text),
    _int("seq"),
    Column("current", REAL(), nullable=False),
    Column("total", REAL()),
    _int("ok"),
    _text("desc"),
    _int("first_seen"),
    Column("first_current", REAL(), nullable=False),
    _int("updated"),
    Column("interval_s", REAL()),
    sqlite_with_rowid=False,
    sqlite_strict=True,
)
Index("worker_seq", WORKER.c.seq)

COUNTER: Final = Table(
    "counter",
    METADATA,
    _key("job"),
    _key("position"),
    _text("key"),
    _text("value"),
    _text("colour", null=True),
    _int("updated"),
    _int("seq"),
    sqlite_with_rowid=False,
    sqlite_strict=True,
)

#: When a job's counters changed last: a deleted counter leaves no row of its own to tell.
COUNTED: Final = Table("counted", METADATA, _key("job"), _int("seq"), sqlite_strict=True)
Index("counted_seq", COUNTED.c.seq)

ALIAS: Final = Table(
    "alias",
    METADATA,
    _key("namespace", Text),
    _key("key", Text),
    _key("generation"),
    _int("job"),
    _text("shown"),
    sqlite_with_rowid=False,
    sqlite_strict=True,
)
Index("alias_job", ALIAS.c.job)

REQUEST_KEY: Final = Table(
    "request_key",
    METADATA,
    _key("caller", Text),
    _key("key", Text),
    Column("digest", LargeBinary(), nullable=False),
    _int("job"),
    _int("at"),
    sqlite_with_rowid=False,
    sqlite_strict=True,
)
Index("request_key_at", REQUEST_KEY.c.at)
Index("request_key_job", REQUEST_KEY.c.job)

EVENT: Final = Table(
    "event",
    METADATA,
    _key("seq"),
    _int("job", null=True),
    _int("time"),
    _text("type"),
    _text("actor"),
    _text("protocol"),
    _text("data"),
    _text("group_owner", null=True),
    _text("group_id", null=True),
    sqlite_strict=True,
)
Index("event_job", EVENT.c.job, EVENT.c.seq, sqlite_where=text("job IS NOT NULL"))

DELIVERY: Final = Table(
    "delivery",
    METADATA,
    _key("seq"),
    _key("place"),
    _int("job"),
    _text("origin"),
    _text("state"),
    _int("time"),
    _int("due"),
    _text("word"),
    _int("rev"),
    _text("body"),
    sqlite_strict=True,
)
_WAITING: Final = text("state = 'waiting'")
Index("delivery_job", DELIVERY.c.job, DELIVERY.c.seq, DELIVERY.c.place)
Index(
    "delivery_waiting",
    DELIVERY.c.job,
    DELIVERY.c.place,
    DELIVERY.c.seq,
    DELIVERY.c.due,
    DELIVERY.c.origin,
    sqlite_where=_WAITING,
)
Index("delivery_dead", DELIVERY.c.seq, DELIVERY.c.place, sqlite_where=text("state = 'dead'"))

TOKEN: Final = Table(
    "token",
    METADATA,
    _key("id", Text),
    _text("owner"),
    _text("note"),
    _text("scopes"),
    Column("secret_hash", LargeBinary(), nullable=False),
    _int("created"),
    _int("expires", null=True),
    _int("revoked", null=True),
    sqlite_strict=True,
)
Index("token_secret_hash", TOKEN.c.secret_hash, unique=True)

SAVED_FILTER: Final = Table(
    "saved_filter",
    METADATA,
    _key("owner", Text),
    _key("name", Text),
    _text("q"),
    _int("created"),
    sqlite_with_rowid=False,
    sqlite_strict=True,
)

#: What jobs gave back that their documents have no room for.
RESULT: Final = Table(
    "result",
    METADATA,
    _key("job"),
    _text("media_type"),
    _text("type"),
    Column("data", LargeBinary(), nullable=False),
    sqlite_strict=True,
)

JOB_GROUP: Final = Table(
    "job_group",
    METADATA,
    _key("number"),
    _text("owner"),
    _text("id"),
    _text("name"),
    _text("url", null=True),
    _int("created"),
    _int("root"),
    _int("loose", null=True),
    _int("rev"),
    _int("relinked"),
    sqlite_strict=True,
)
Index("job_group_id", JOB_GROUP.c.owner, JOB_GROUP.c.id, unique=True)
Index("job_group_made", JOB_GROUP.c.owner, JOB_GROUP.c.created, JOB_GROUP.c.id)
Index("job_group_name", JOB_GROUP.c.owner, JOB_GROUP.c.name)
Index(
    "job_group_root",
    JOB_GROUP.c.owner,
    JOB_GROUP.c.name,
    unique=True,
    sqlite_where=text("root = 1"),
)
Index("job_group_loose", JOB_GROUP.c.loose, sqlite_where=text("loose IS NOT NULL"))

#: What is in groups: a job or another group, the other one NULL. ``holder`` and ``child`` are groups' numbers.
MEMBER: Final = Table(
    "member",
    METADATA,
    _key("holder"),
    _key("position"),
    _int("job", null=True),
    _int("child", null=True),
    _int("added"),
    sqlite_with_rowid=False,
    sqlite_strict=True,
)
_OF_JOB: Final = text("job IS NOT NULL")
_OF_GROUP: Final = text("child IS NOT NULL")
Index("member_job", MEMBER.c.job, MEMBER.c.holder, unique=True, sqlite_where=_OF_JOB)
Index("member_child", MEMBER.c.holder, MEMBER.c.child, unique=True, sqlite_where=_OF_GROUP)
Index("member_holder", MEMBER.c.child, MEMBER.c.holder, sqlite_where=_OF_GROUP)

#: One row: see headway.stores.sql.ledger.
LEDGER: Final = Table(
    "ledger",
    METADATA,
    _key("id"),
    _int("seq"),
    _int("number"),
    _int("floor"),
    _int("accepted"),
    _int("queued"),
    _int("running"),
    _int("succeeded"),
    _int("failed"),
    _int("cancelled"),
    sqlite_strict=True,
)


def compiled() -> list[str]:
    """Give the statements that make all tables and indexes in SQLite, each on one line."""
    dialect = sqlite.dialect()
    statements: list[CreateTable | CreateIndex] = []
    for table in METADATA.tables.values():
        indexes = sorted(table.indexes, key=lambda index: str(index.name))
        statements += [CreateTable(table), *map(CreateIndex, indexes)]
    return [" ".join(str(one.compile(dialect=dialect)).split()) for one in statements]
