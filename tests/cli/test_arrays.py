"""Arrays, and jobs after others: from the command line to their ends, on this machine."""

import json
from pathlib import Path

from tests.cli.conftest import Headway


def elements(headway: Headway, parent: int) -> list[dict[str, object]]:
    query = headway("jobs", "--json", f"parent:{parent}").stdout
    found: list[dict[str, object]] = json.loads(query)["jobs"]
    return sorted(found, key=lambda job: str(job["index"]))


def document(headway: Headway, number: str) -> dict[str, object]:
    found: dict[str, object] = json.loads(headway("job", number, "--json").stdout)
    return found


def test_each_element_of_an_array_finds_its_index(headway: Headway, tmp_path: Path) -> None:
    line = f"echo x >{tmp_path}/$HEADWAY_ARRAY_INDEX"
    done = headway("submit", "--block", "--json", "--array", "3,5-7", "--", "sh", "-c", line)
    assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["3", "5", "6", "7"]


def test_an_array_is_shown_with_its_elements_and_another_job_with_its_parts(
    headway: Headway,
) -> None:
    array = headway("submit", "--block", "--array", "1-3", "--", "true").stdout.split()[0]
    assert "elements 3 succeeded" in " ".join(headway("job", array).stdout.split())
    whole = headway("submit", "--block", "--", "true").stdout.split()[0]
    headway("submit", "--block", "--parent", whole, "--", "true")
    assert "parts 1 succeeded" in " ".join(headway("job", whole).stdout.split())


def test_an_array_has_failed_when_one_of_its_elements_has(headway: Headway) -> None:
    line = "test $HEADWAY_ARRAY_INDEX != 2"
    done = headway("submit", "--block", "--json", "--array", "1-3", "--", "sh", "-c", line)
    job = json.loads(done.stdout)
    assert done.returncode == 1
    assert (job["state"], job["exit_code"]) == ("failed", 1)
    assert job["error"]["message"] == "1 of 3 elements failed; element 2: exit code 1"
    states = {one["index"]: one["state"] for one in elements(headway, job["number"])}
    assert states == {1: "succeeded", 2: "failed", 3: "succeeded"}


def test_retrying_an_array_tries_again_what_failed(headway: Headway, tmp_path: Path) -> None:
    line = f"echo x >>{tmp_path}/$HEADWAY_ARRAY_INDEX; test $HEADWAY_ARRAY_INDEX = 1 || test -e {tmp_path}/go"
    done = headway("submit", "--block", "--json", "--array", "1-2", "--", "sh", "-c", line)
    number = str(json.loads(done.stdout)["number"])
    (tmp_path / "go").touch()
    headway("retry", number)
    assert headway("wait", number).returncode == 0
    assert [(tmp_path / name).read_text().count("x") for name in ("1", "2")] == [1, 2]
    assert document(headway, number)["attempt"] == 2


def test_cancelling_an_array_cancels_its_elements(headway: Headway) -> None:
    number = headway("submit", "--array", "0-2", "--", "sleep", "600").stdout.strip()
    headway("kill", number)
    headway("wait", number)
    assert document(headway, number)["state"] == "cancelled"
    assert {one["state"] for one in elements(headway, int(number))} == {"cancelled"}


def test_an_array_has_no_log_whether_or_not_it_has_ended(headway: Headway) -> None:
    number = headway("submit", "--array", "0-2", "--", "sleep", "600").stdout.strip()
    words = f"job {number} is an array: it has no log of its own"
    for option in ("-f", "--tail=5"):
        asked = headway("logs", option, number)
        assert (asked.returncode, words in asked.stderr) == (3, True)
    headway("kill", "--wait", number)
    assert words in headway("logs", number).stderr


def test_an_array_has_no_log_to_follow(headway: Headway) -> None:
    done = headway("submit", "--follow", "--array", "0-2", "--", "true")
    assert done.returncode == 2
    assert "an array has no log of its own" in done.stderr


def test_indices_that_are_none_are_refused(headway: Headway) -> None:
    done = headway("submit", "--array", "3-1", "--", "true")
    assert done.returncode == 2
    assert "a range rises" in done.stderr


def test_a_job_begins_after_those_it_is_to_follow(headway: Headway, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    first = headway("submit", "--", "sh", "-c", f"while [ ! -e {gate} ]; do sleep 0.05; done")
    second = headway("submit", "--after", first.stdout.strip(), "--", "true").stdout.strip()
    gate.touch()
    assert headway("wait", second).returncode == 0
    before, after = document(headway, first.stdout.strip()), document(headway, second)
    assert str(before["ended"]) <= str(after["started"])


def test_a_job_after_one_that_failed_fails_too(headway: Headway) -> None:
    first = headway("submit", "--", "false").stdout.strip()
    second = headway("submit", "--after", first, "--", "true").stdout.strip()
    headway("wait", second)
    job = document(headway, second)
    assert (job["state"], job["reason"]) == ("failed", "not_started")
    assert f"job {first}, which it was to follow, has failed" in str(job["error"])
