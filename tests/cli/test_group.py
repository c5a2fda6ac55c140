"""``headway group``, and jobs in groups."""

import json
from typing import Any

import pytest
from tests.cli.conftest import Headway

from headway.sdk.client import Client
from headway.testing.server import ServerProcess


def made(headway: Headway, *args: str) -> str:
    done = headway("group", "create", *args)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def submitted(headway: Headway, *args: str) -> str:
    done = headway("submit", *args, "--", "true")
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_a_tree_is_made_filled_shown_and_unlinked(headway: Headway) -> None:
    assert (
        made(headway, "nightly", "--id", "t-nightly", "--link", "https://x.example/") == "t-nightly"
    )
    made(headway, "fits", "--id", "t-fits", "--in", "t-nightly")
    number = submitted(headway, "--group", "nightly:fits", "--name", "fit \x1b[31m")
    assert headway("wait", number).returncode == 0
    shown = headway("group", "show", "t-nightly", "--jobs").stdout.splitlines()
    assert shown == [
        "nightly  1 job: 1 succeeded  https://x.example/",
        "  fits  1 job: 1 succeeded",
        f"    {number}  succeeded  fit �[31m",
    ]
    listed = json.loads(headway("jobs", "--group", "t-nightly", "--json").stdout)["jobs"]
    assert [str(job["number"]) for job in listed] == [number]
    assert [
        job["number"]
        for job in json.loads(headway("jobs", "group:nightly", "--json").stdout)["jobs"]
    ]
    assert headway("group", "remove", "t-nightly", "-g", "t-fits").returncode == 0
    assert headway("group", "show", "t-nightly").stdout.startswith("nightly  no jobs")
    assert headway("group", "delete", "t-nightly", "t-fits").returncode == 0


def test_members_come_and_go_and_what_is_not_there_says_so(headway: Headway) -> None:
    made(headway, "b", "--id", "b-1")
    number = submitted(headway)
    assert "1 new in b" in headway("group", "add", "b", number).stderr
    assert "was in b before" in headway("group", "add", "b", number).stderr
    of_job = json.loads(headway("group", "list", "--of", number, "--json").stdout)
    assert [group["id"] for group in of_job["groups"]] == ["b-1"]
    gone = headway("group", "remove", "b", number)
    assert (gone.returncode, gone.stderr) == (0, f"headway: job {number} is not in b any more\n")
    assert headway("group", "remove", "b", number).returncode == 3
    assert headway("group", "add", "b").returncode == 2
    assert headway("group", "show", "nowhere").returncode == 3
    circle = headway("group", "add", "b", "--group", "b")
    assert (circle.returncode, "below itself" in circle.stderr) == (4, True)


def test_what_is_taken_out_is_told_as_json(headway: Headway) -> None:
    made(headway, "j", "--id", "j-1")
    made(headway, "k", "--id", "k-1", "--in", "j")
    number = submitted(headway, "--group", "j")
    job = json.loads(headway("job", number, "--json").stdout)["id"]
    gone = headway("group", "remove", "j", number, "-g", "k", "--json")
    assert (gone.returncode, gone.stderr) == (0, "")
    assert json.loads(gone.stdout) == [
        {"group": "j-1", "kind": "group", "id": "k-1"},
        {"group": "j-1", "kind": "job", "id": job},
    ]
    left = json.loads(headway("group", "show", "j-1", "--json").stdout)
    assert left["places"] == []


def test_a_second_group_of_a_name_in_the_same_place_is_told(headway: Headway) -> None:
    first = headway("group", "create", "twice", "--id", "w-1")
    second = headway("group", "create", "twice", "--id", "w-2")
    elsewhere = headway("group", "create", "twice", "--id", "w-3", "--in", "w-1")
    assert (first.stderr, elsewhere.stderr) == ("", "")
    assert second.stdout == "w-2\n"
    assert "there was a group called twice beside it before: w-1" in second.stderr


def test_who_may_report_and_not_read_makes_groups(headway: Headway, server: ServerProcess) -> None:
    with Client(server.url) as client:
        token = client.create_token(["report"]).token
    made(headway, "written", "--id", "o-1")
    again = headway("group", "create", "written", "--id", "o-2", HEADWAY_TOKEN=token)
    assert (again.returncode, again.stdout, again.stderr) == (0, "o-2\n", "")


def test_a_circle_is_told_by_names(headway: Headway) -> None:
    above = made(headway, "above the circle")
    made(headway, "below the circle", "--in", above)
    refused = headway("group", "add", "below the circle", "--group", "above the circle")
    assert refused.returncode == 4
    way = "(above the circle > below the circle > above the circle)"
    assert way in " ".join(refused.stderr.split())


@pytest.mark.parametrize("as_json", [True, False])
def test_groups_are_listed_and_renamed(headway: Headway, as_json: bool) -> None:
    name = f"c{as_json}"
    made(headway, name, "--id", name)
    done: Any = headway("group", "rename", name, "Renamed", *(["--json"] if as_json else []))
    assert "Renamed" in (done.stdout if as_json else done.stderr)
    assert "Renamed" in headway("group", "list", *(["--json"] if as_json else [])).stdout


def test_a_job_for_a_group_that_is_not_there_is_refused(headway: Headway) -> None:
    done = headway("submit", "--group", "nowhere", "--", "true")
    assert (done.returncode, "no group is called 'nowhere'" in done.stderr) == (2, True)


def test_what_is_typed_by_mistake_is_told_with_what_would_do(headway: Headway) -> None:
    made(headway, "same", "--id", "s-1")
    made(headway, "same", "--id", "s-2")
    which = headway("group", "show", "same")
    assert (which.returncode, "('s-1', 's-2')" in which.stderr) == (2, True)
    again = headway("group", "create", "another", "--id", "s-1")
    assert (again.stdout, "is called same" in again.stderr) == ("s-1\n", True)
    number = submitted(headway)
    assert f"headway group add GROUP {number}" in headway("group", "list", "--of", number).stderr
    for args in (["create", "linked"], ["rename", "s-1", "linked"]):
        refused = headway("group", *args, "--link", "javascript:alert(1)")
        assert (refused.returncode, "begins with http://" in refused.stderr) == (2, True)
    assert headway("group", "show", "").returncode != 0


def test_a_loose_group_is_listed_as_one(headway: Headway) -> None:
    made(headway, "above", "--id", "l-1")
    made(headway, "below", "--id", "l-2", "--in", "l-1")
    assert headway("group", "delete", "l-1").returncode == 0
    heading, *rows = headway("group", "list").stdout.splitlines()
    assert heading.endswith("LOOSE SINCE")
    assert next(row for row in rows if "l-2" in row).endswith("UTC")
