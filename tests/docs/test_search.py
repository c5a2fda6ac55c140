"""What docs/reference/search.md says a query finds is what it finds."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pytest

from headway.core.core import Core
from headway.core.model.change import Change
from headway.core.model.names import Cluster
from headway.core.model.principal import SYSTEM
from headway.core.model.selection import Selection, Visibility
from headway.core.model.state import Reason, State
from headway.core.operations.select import select
from headway.core.query.fields import FIELDS
from headway.core.query.syntax import LONGEST, MOST_VALUES
from headway.testing.fakes import FakeClock
from headway.testing.samples import a_job, job_id

pytestmark = pytest.mark.anyio
PAGE: Final = (Path(__file__).parents[2] / "docs/reference/search.md").read_text("utf-8")
EXAMPLE: Final = re.compile(r"^\| `(?P<query>[^`]+)` \| (?P<found>[0-9, ]+) \|", re.MULTILINE)
NOON: Final = datetime(2026, 3, 3, 12, tzinfo=UTC)
SLURM: Final = Cluster("slurm")


JOBS: Final = (
    a_job(
        1,
        name="calib-1",
        labels=("campaign-3", "night"),
        cluster=Cluster("local"),
        state=State.SUCCEEDED,
        exit_code=0,
        created=datetime(2026, 1, 15, tzinfo=UTC),
    ),
    a_job(
        2,
        name="calib-2",
        labels=("campaign-4",),
        cluster=SLURM,
        state=State.FAILED,
        reason=Reason.NONZERO_EXIT,
        exit_code=3,
        created=datetime(2026, 3, 1, 10, tzinfo=UTC),
        status_text="disk quota exceeded",
    ),
    a_job(
        3,
        name="merge",
        labels=("campaign-3",),
        owner="grace",
        cluster=SLURM,
        state=State.RUNNING,
        created=datetime(2026, 3, 2, tzinfo=UTC),
        status_text="step 2 of 5",
    ),
    a_job(
        4,
        name="night run",
        owner="grace",
        cluster=Cluster("local"),
        state=State.CANCELLED,
        reason=Reason.BY_USER,
        created=datetime(2026, 3, 3, tzinfo=UTC),
    ),
    a_job(
        5,
        name="part",
        owner="grace",
        cluster=SLURM,
        state=State.RUNNING,
        parent=job_id(3),
        created=datetime(2026, 3, 3, tzinfo=UTC),
    ),
)


def examples() -> Iterator[tuple[str, list[int]]]:
    for found in EXAMPLE.finditer(PAGE):
        yield found["query"], [int(number) for number in found["found"].split(",")]


@pytest.fixture
async def jobs(core: Core, clock: FakeClock) -> None:
    """The jobs of the page's table."""
    clock.advance(seconds=(NOON - clock.now()).total_seconds())
    for job in JOBS:
        await core.store.write(Change(jobs=(job,)))


@pytest.mark.usefixtures("jobs")
@pytest.mark.parametrize(("query", "numbers"), list(examples()))
async def test_a_query_finds_what_the_page_says(core: Core, query: str, numbers: list[int]) -> None:
    selection = await select(core, actor=SYSTEM, q=query, within=Selection())
    found = await core.store.jobs(selection, Visibility(everything=True), limit=9)
    assert [job.number for job in found] == numbers


def test_the_page_names_every_field() -> None:
    table = PAGE.partition("## Fields")[2].partition("## Times")[0]
    named = {
        word
        for row in re.findall(r"^\| (`[^|]*) \|", table, re.MULTILINE)
        for word in re.findall(r"`(\w+)`", row)
    }
    assert named == FIELDS.keys()


def test_the_page_tells_the_limits() -> None:
    assert f"at most {LONGEST:,} characters and {MOST_VALUES} words and values" in PAGE
