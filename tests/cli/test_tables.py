"""Jobs as rows: what tells one from another."""

import pytest
from tests.cli.test_board import AT, job

from headway.cli.tables import print_jobs


def test_an_element_of_an_array_is_told_from_the_others_by_its_index(
    capsys: pytest.CaptureFixture[str],
) -> None:
    print_jobs([job("beam"), job("beam", index=3)], at=AT)
    assert [line.split()[-1] for line in capsys.readouterr().out.splitlines()] == [
        "NAME",
        "beam",
        "[3]",
    ]


def test_of_a_job_with_parts_it_is_told_how_many_have_ended(
    capsys: pytest.CaptureFixture[str],
) -> None:
    children = {"succeeded": 3, "failed": 1, "cancelled": 1, "running": 2, "queued": 33}
    print_jobs([job("grid", children=children), job("fit", progress=0.5)], at=AT)
    _, grid, fit = capsys.readouterr().out.splitlines()
    assert " 5/40 " in grid
    assert " 50 % " in fit


def test_the_cluster_is_told_where_there_are_several(capsys: pytest.CaptureFixture[str]) -> None:
    print_jobs([job("a", cluster="near"), job("b", cluster=None)], at=AT)
    assert "CLUSTER" not in capsys.readouterr().out
    print_jobs([job("a", cluster="near"), job("b", cluster="far"), job("c", cluster=None)], at=AT)
    heading, *rows = capsys.readouterr().out.splitlines()
    assert heading.split()[-2:] == ["CLUSTER", "NAME"]
    assert [row.split()[-2] for row in rows[:2]] == ["near", "far"]
