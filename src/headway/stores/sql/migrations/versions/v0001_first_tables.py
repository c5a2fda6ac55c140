"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make all tables, and the ledger's one row."""
    op.create_table(
        "job",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("protocol", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("project", sa.Text(), nullable=True),
        sa.Column("parent", sa.LargeBinary(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("state", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("status_text", sa.Text(), nullable=False),
        sa.Column("labels", sa.Text(), nullable=True),
        sa.Column("cluster", sa.Text(), nullable=True),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("created", sa.Integer(), nullable=False),
        sa.Column("queued", sa.Integer(), nullable=True),
        sa.Column("started", sa.Integer(), nullable=True),
        sa.Column("ended", sa.Integer(), nullable=True),
        sa.Column("updated", sa.Integer(), nullable=False),
        sa.Column("hidden", sa.Integer(), nullable=True),
        sa.Column("spec", sa.Integer(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
        sqlite_strict=True,
    )
    op.create_index(
        "job_ended",
        "job",
        ["ended", "number"],
        unique=False,
        sqlite_where=sa.text("ended IS NOT NULL"),
    )
    op.create_index("job_id", "job", ["id"], unique=True)
    op.create_index(
        "job_name", "job", ["name", "number"], unique=False, sqlite_where=sa.text("name <> ''")
    )
    op.create_index(
        "job_parent",
        "job",
        ["parent", "number"],
        unique=False,
        sqlite_where=sa.text("parent IS NOT NULL"),
    )
    op.create_index(
        "job_parent_state",
        "job",
        ["parent", "state"],
        unique=False,
        sqlite_where=sa.text("parent IS NOT NULL"),
    )
    op.create_index(
        "job_reporting",
        "job",
        ["number"],
        unique=False,
        sqlite_where=sa.text("kind = 'report' AND state < 3"),
    )
    op.create_index(
        "job_root_owner",
        "job",
        ["owner", "state", "number", "created"],
        unique=False,
        sqlite_where=sa.text("parent IS NULL"),
    )
    op.create_index(
        "job_root_state",
        "job",
        ["state", "number", "created"],
        unique=False,
        sqlite_where=sa.text("parent IS NULL"),
    )
    op.create_index("job_seq", "job", ["seq"], unique=False)
    op.create_index(
        "job_spec", "job", ["spec"], unique=False, sqlite_where=sa.text("spec IS NOT NULL")
    )
    op.create_index(
        "job_unfinished",
        "job",
        ["cluster", "number", "state"],
        unique=False,
        sqlite_where=sa.text("state < 3"),
    )
    op.create_table(
        "label",
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("child", sa.Integer(), nullable=False),
        sa.Column("state", sa.Integer(), nullable=False),
        sa.Column("job", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("label", "child", "state", "job"),
        sqlite_with_rowid=False,
        sqlite_strict=True,
    )
    op.create_table(
        "spec",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hash", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_strict=True,
    )
    op.create_index("spec_hash", "spec", ["hash"], unique=False)
    op.create_table(
        "attempt",
        sa.Column("job", sa.Integer(), nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("cluster", sa.Text(), nullable=False),
        sa.Column("native_id", sa.Text(), nullable=True),
        sa.Column("native_state", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("sent", sa.Integer(), nullable=True),
        sa.Column("started", sa.Integer(), nullable=True),
        sa.Column("ended", sa.Integer(), nullable=True),
        sa.Column("exit_code", sa.Integer(), nullable=True),
        sa.Column("signal", sa.Integer(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("job", "no"),
        sqlite_with_rowid=False,
        sqlite_strict=True,
    )
    op.create_table(
        "worker",
        sa.Column("job", sa.Integer(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("current", sa.REAL(), nullable=False),
        sa.Column("total", sa.REAL(), nullable=True),
        sa.Column("ok", sa.Integer(), nullable=False),
        sa.Column("desc", sa.Text(), nullable=False),
        sa.Column("first_seen", sa.Integer(), nullable=False),
        sa.Column("first_current", sa.REAL(), nullable=False),
        sa.Column("updated", sa.Integer(), nullable=False),
        sa.Column("interval_s", sa.REAL(), nullable=True),
        sa.PrimaryKeyConstraint("job", "id"),
        sqlite_with_rowid=False,
        sqlite_strict=True,
    )
    op.create_index("worker_seq", "worker", ["seq"], unique=False)
    op.create_table(
        "counter",
        sa.Column("job", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("colour", sa.Text(), nullable=True),
        sa.Column("updated", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("job", "position"),
        sqlite_with_rowid=False,
        sqlite_strict=True,
    )
    op.create_table(
        "counted",
        sa.Column("job", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("job"),
        sqlite_strict=True,
    )
    op.create_index("counted_seq", "counted", ["seq"], unique=False)
    op.create_table(
        "alias",
        sa.Column("namespace", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("job", sa.Integer(), nullable=False),
        sa.Column("shown", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("namespace", "key", "generation"),
        sqlite_with_rowid=False,
        sqlite_strict=True,
    )
    op.create_index("alias_job", "alias", ["job"], unique=False)
    op.create_table(
        "request_key",
        sa.Column("caller", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("job", sa.Integer(), nullable=False),
        sa.Column("at", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("caller", "key"),
        sqlite_with_rowid=False,
        sqlite_strict=True,
    )
    op.create_index("request_key_at", "request_key", ["at"], unique=False)
    op.create_index("request_key_job", "request_key", ["job"], unique=False)
    op.create_table(
        "event",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("job", sa.Integer(), nullable=True),
        sa.Column("time", sa.Integer(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("protocol", sa.Text(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("group_owner", sa.Text(), nullable=True),
        sa.Column("group_id", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("seq"),
        sqlite_strict=True,
    )
    op.create_index(
        "event_job", "event", ["job", "seq"], unique=False, sqlite_where=sa.text("job IS NOT NULL")
    )
    op.create_table(
        "delivery",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("job", sa.Integer(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("time", sa.Integer(), nullable=False),
        sa.Column("due", sa.Integer(), nullable=False),
        sa.Column("word", sa.Text(), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", "place"),
        sqlite_strict=True,
    )
    op.create_index(
        "delivery_dead",
        "delivery",
        ["seq", "place"],
        unique=False,
        sqlite_where=sa.text("state = 'dead'"),
    )
    op.create_index("delivery_job", "delivery", ["job", "seq", "place"], unique=False)
    op.create_index(
        "delivery_waiting",
        "delivery",
        ["job", "place", "seq", "due", "origin"],
        unique=False,
        sqlite_where=sa.text("state = 'waiting'"),
    )
    op.create_table(
        "token",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        sa.Column("created", sa.Integer(), nullable=False),
        sa.Column("expires", sa.Integer(), nullable=True),
        sa.Column("revoked", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sqlite_strict=True,
    )
    op.create_index("token_secret_hash", "token", ["secret_hash"], unique=True)
    op.create_table(
        "saved_filter",
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("q", sa.Text(), nullable=False),
        sa.Column("created", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("owner", "name"),
        sqlite_with_rowid=False,
        sqlite_strict=True,
    )
    op.create_table(
        "result",
        sa.Column("job", sa.Integer(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("job"),
        sqlite_strict=True,
    )
    _make_groups()
    op.create_table(
        "ledger",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("floor", sa.Integer(), nullable=False),
        sa.Column("accepted", sa.Integer(), nullable=False),
        sa.Column("queued", sa.Integer(), nullable=False),
        sa.Column("running", sa.Integer(), nullable=False),
        sa.Column("succeeded", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("cancelled", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_strict=True,
    )
    op.execute("INSERT INTO ledger VALUES (1, 0, 0, 0, 0, 0, 0, 0, 0, 0)")


def _make_groups() -> None:
    op.create_table(
        "job_group",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("created", sa.Integer(), nullable=False),
        sa.Column("root", sa.Integer(), nullable=False),
        sa.Column("loose", sa.Integer(), nullable=True),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.Column("relinked", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
        sqlite_strict=True,
    )
    op.create_index("job_group_id", "job_group", ["owner", "id"], unique=True)
    op.create_index(
        "job_group_loose",
        "job_group",
        ["loose"],
        unique=False,
        sqlite_where=sa.text("loose IS NOT NULL"),
    )
    op.create_index("job_group_made", "job_group", ["owner", "created", "id"], unique=False)
    op.create_index("job_group_name", "job_group", ["owner", "name"], unique=False)
    op.create_index(
        "job_group_root",
        "job_group",
        ["owner", "name"],
        unique=True,
        sqlite_where=sa.text("root = 1"),
    )
    op.create_table(
        "member",
        sa.Column("holder", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("job", sa.Integer(), nullable=True),
        sa.Column("child", sa.Integer(), nullable=True),
        sa.Column("added", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("holder", "position"),
        sqlite_with_rowid=False,
        sqlite_strict=True,
    )
    op.create_index(
        "member_child",
        "member",
        ["holder", "child"],
        unique=True,
        sqlite_where=sa.text("child IS NOT NULL"),
    )
    op.create_index(
        "member_holder",
        "member",
        ["child", "holder"],
        unique=False,
        sqlite_where=sa.text("child IS NOT NULL"),
    )
    op.create_index(
        "member_job",
        "member",
        ["job", "holder"],
        unique=True,
        sqlite_where=sa.text("job IS NOT NULL"),
    )
