"""What is said of clusters in trouble beside a list of jobs."""

from datetime import UTC, datetime, timedelta

import pytest

from headway.cli.troubles import trouble_lines
from headway.sdk.model import Cluster, ClusterTrouble

AT = datetime(2026, 1, 2, 12, 30, tzinfo=UTC)


def a_cluster(name: str = "slurm", *, what: str | None = "down", accepted: int = 0) -> Cluster:
    since = AT - timedelta(minutes=5)
    trouble = None if what is None else ClusterTrouble(what=what, since=since)
    return Cluster(name=name, detail="it is away", trouble=trouble, accepted=accepted)


@pytest.mark.parametrize(
    ("what", "accepted", "line"),
    [
        ("down", 0, "cluster slurm has not answered since {}: it is away"),
        ("down", 1, "cluster slurm has not answered since {}; 1 job waits for it: it is away"),
        ("slow", 12, "cluster slurm has been too slow to answer since {}; 12 jobs wait for it: it is away"),
        ("haunted", 0, "cluster slurm has been in trouble since {}: it is away"),
    ],
)  # fmt: skip
def test_a_line_says_what_is_amiss_and_since_when(what: str, accepted: int, line: str) -> None:
    since = f"{(AT - timedelta(minutes=5)).astimezone():%H:%M}"
    told = list(trouble_lines([a_cluster(what=what, accepted=accepted)], {"slurm"}, at=AT))
    assert told == [line.format(since)]


def test_nothing_is_said_of_clusters_that_are_well_or_have_none_of_the_jobs() -> None:
    clusters = [a_cluster(what=None), a_cluster("elsewhere")]
    assert list(trouble_lines(clusters, {"slurm"}, at=AT)) == []
