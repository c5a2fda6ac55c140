"""Lists of jobs walk indexes: no query of a page sorts, and none but a search for text goes through all rows."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from headway.core.model.delivery import DeliveryState
from headway.core.model.group import InGroups, MemberKind
from headway.core.model.names import Cluster, GroupId
from headway.core.model.selection import Selection, Visibility
from headway.core.model.state import State
from headway.stores.sql import deliveries, group_queries, queries, statements
from headway.stores.sql.database import Database, Rows, connect
from headway.stores.sql.job_rows import Value
from headway.stores.sql.pages import read_page
from headway.stores.sql.schema import DDL
from headway.testing.fakes import NOON
from headway.testing.samples import ALL, LOCAL, job_id

OWN = Visibility(owner="ada")


class Explained:
    """A connection that notes how SQLite will find what it is asked for."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.ways: list[str] = []

    @property
    def in_transaction(self) -> bool:
        return self._database.in_transaction

    def execute(self, sql: str, values: Sequence[Value] = (), /) -> Rows:
        plan = self._database.execute(f"EXPLAIN QUERY PLAN {sql}", values)
        self.ways += [row[3] for row in plan.fetchall()]
        return self._database.execute(sql, values)

    def close(self) -> None:
        self._database.close()


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Explained]:
    plain = connect(tmp_path / "empty.db")
    for statement in DDL:
        plain.execute(statement)
    yield Explained(plain)
    plain.close()


@pytest.mark.parametrize(
    ("selection", "visibility", "index"),
    [
        (Selection(), ALL, "job_root_state (state=? AND number<?)"),
        (Selection(), OWN, "job_root_owner (owner=? AND state=? AND number<?)"),
        (Selection(owner="ada"), ALL, "job_root_owner (owner=? AND state=? AND number<?)"),
        (Selection(states=frozenset({State.FAILED})), ALL, "job_root_state (state=? AND number<?)"),
        (Selection(since=NOON - timedelta(days=1)), ALL, "job_root_state (state=? AND number<?)"),
        (Selection(cluster=Cluster("local")), ALL, "job_root_state (state=? AND number<?)"),
        (Selection(name="night run"), ALL, "job_name (name=? AND number<?)"),
        (Selection(parent=job_id(1)), OWN, "job_parent (parent=? AND number<?)"),
        (Selection(), Visibility(job=job_id(1)), "job_id (id=? AND rowid<?)"),
    ],
)
def test_a_page_walks_an_index(
    database: Explained, selection: Selection, visibility: Visibility, index: str
) -> None:
    read_page(database, selection, visibility, limit=10, before=99)
    walks = {way for way in database.ways if " spec " not in way}
    assert walks == {f"SEARCH job USING INDEX {index}"}


@pytest.mark.parametrize("states", [frozenset[State](), frozenset({State.FAILED})])
@pytest.mark.parametrize("labels", [{"a"}, {"a", "b"}])
def test_a_page_by_label_and_state_is_one_range_of_the_labels(
    database: Explained, labels: set[str], states: frozenset[State]
) -> None:
    selection = Selection(labels=frozenset(labels), states=states)
    read_page(database, selection, ALL, limit=10, before=None)
    assert database.ways[0] == (
        "SEARCH walked USING PRIMARY KEY (label=? AND child=? AND state=? AND job<?)"
    )
    assert not [way for way in database.ways if "TEMP B-TREE" in way or way.startswith("SCAN")]


def test_what_is_asked_of_groups_walks_their_members_only(database: Explained) -> None:
    within = InGroups(owner="ada", any_of=(GroupId("a"),))
    read_page(database, Selection(groups=(within,), children=True), OWN, limit=10, before=None)
    group_queries.read_roll_ups(database, "ada", [GroupId("a")], OWN)
    group_queries.read_below(database, within)
    group_queries.has_changed(database, within, 0)
    group_queries.read_holders(database, "ada", job_id(1), MemberKind.JOB)
    for kind in (None, *MemberKind):
        group_queries.read_members(database, "ada", GroupId("a"), limit=9, after=0, kind=kind)
    scans = {way for way in database.ways if way.startswith("SCAN")}
    assert scans <= {"SCAN below", "SCAN held"}
    assert not [way for way in database.ways if "AUTOMATIC" in way]


def test_what_passes_ask_for_all_the_time_walks_an_index_of_live_jobs(database: Explained) -> None:
    queries.read_accepted(database, LOCAL, 10)
    queries.read_unfinished(database, LOCAL)
    queries.read_reporting(database)
    assert [way for way in database.ways if " spec " not in way] == [
        "SEARCH job USING INDEX job_unfinished (cluster=?)",
        "SEARCH job USING INDEX job_unfinished (cluster=?)",
        "SCAN job USING INDEX job_reporting",
    ]


def test_what_waits_to_be_told_and_what_is_dead_are_found_by_indexes_of_their_own(
    database: Explained,
) -> None:
    deliveries.read_next_delivery(database, job_id(1), 0)
    deliveries.read_last_word(database, job_id(1), 0)
    deliveries.read_deliveries(database, ALL, None, {DeliveryState.DEAD}, 10, None)
    deliveries.read_deliveries(database, ALL, job_id(1), set(), 10, None)
    assert [way for way in database.ways if " delivery " in way] == [
        "SEARCH delivery USING INDEX delivery_waiting (job=? AND place=?)",
        "SEARCH delivery USING INDEX delivery_job (job=?)",
        "SCAN delivery USING INDEX delivery_dead",
        "SEARCH delivery USING INDEX delivery_job (job=?)",
    ]
    assert not [way for way in database.ways if "TEMP B-TREE" in way]


@pytest.mark.parametrize("rows", [1, 2, 32])
def test_changes_of_many_jobs_find_each_by_its_number(database: Explained, rows: int) -> None:
    database.execute(statements.update_jobs(("seq", "state"), rows), (1, 2, 3) * rows)
    found = "SEARCH job USING INTEGER PRIMARY KEY (rowid=?)"
    assert [way for way in database.ways if "job" in way] == [found]
