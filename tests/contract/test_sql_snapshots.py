"""A page of jobs is of one moment, though it is put together from the jobs of each state."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from headway.core.model.change import Change
from headway.core.model.selection import Selection
from headway.core.model.state import State
from headway.stores.sql import open_store
from headway.stores.sql.codes import STATE_CODES
from headway.stores.sql.database import FILE_NAME, Database, Rows, connect
from headway.stores.sql.job_rows import Value
from headway.stores.sql.pages import read_page
from headway.testing.fakes import FakeClock
from headway.testing.samples import ALL, a_command

pytestmark = pytest.mark.anyio


class Meddled:
    """A connection beside which something happens when the second of its questions about jobs is asked."""

    def __init__(self, database: Database, meddle: Callable[[], object]) -> None:
        self._database = database
        self._meddle = meddle
        self.asked = 0

    @property
    def in_transaction(self) -> bool:
        return self._database.in_transaction

    def execute(self, sql: str, values: Sequence[Value] = (), /) -> Rows:
        if sql.startswith("SELECT"):
            self.asked += 1
            if self.asked == 2:
                self._meddle()
        return self._database.execute(sql, values)

    def close(self) -> None:
        self._database.close()


@pytest.mark.parametrize(
    ("before", "after"),
    [(State.ACCEPTED, State.SUCCEEDED), (State.SUCCEEDED, State.ACCEPTED)],
    ids=["not-twice", "not-missing"],
)
async def test_a_job_that_changes_its_state_while_a_page_is_read_is_in_it_once(
    tmp_path: Path, before: State, after: State
) -> None:
    def broken(error: BaseException) -> None:
        raise AssertionError("the store says that its disk is broken") from error

    store = open_store(tmp_path, clock=FakeClock(), fatal=broken, held_by="this test")
    await store.write(Change(jobs=(a_command(),)))
    await store.close()
    other = connect(tmp_path / FILE_NAME)
    change = "UPDATE job SET state = ?"
    other.execute(change, (STATE_CODES[before],))
    reader = Meddled(
        connect(tmp_path / FILE_NAME), lambda: other.execute(change, (STATE_CODES[after],))
    )
    page = read_page(reader, Selection(), ALL, limit=10, before=None)
    assert reader.asked >= 2
    assert [job.state for job in page] == [before]
    assert not reader.in_transaction
    reader.close()
    other.close()
