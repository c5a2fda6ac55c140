"""Commands that change jobs: retry, clone, hide, label, and kill by a query."""

import json
from pathlib import Path

import pytest
from tests.cli.conftest import Headway

from headway.cli.chosen import are_ids
from headway.cli.label import read_wish


def submitted(headway: Headway, *command: str, options: tuple[str, ...] = ()) -> str:
    done = headway("submit", *options, "--", *command)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def ended(headway: Headway, *command: str, options: tuple[str, ...] = ()) -> str:
    number = submitted(headway, *command, options=options)
    headway("wait", number)
    return number


@pytest.mark.parametrize(
    ("words", "ids"),
    [
        (["42"], True),
        (["42", "0190e6b2-0000-7000-8000-000000000000"], True),
        (["state:failed"], False),
        (["42", "state:failed"], False),
        (["reduce"], False),
    ],
)
def test_ids_are_told_from_queries(words: list[str], ids: bool) -> None:
    assert are_ids(words) is ids


class TestRetry:
    def test_runs_an_ended_job_again_and_keeps_what_it_wrote(
        self, headway: Headway, tmp_path: Path
    ) -> None:
        script = "echo $(( $(cat n 2>/dev/null) + 1 )) > n; cat n; exit 3"
        number = ended(headway, "sh", "-c", script, options=("-C", str(tmp_path)))
        done = headway("retry", number)
        assert (done.returncode, done.stdout) == (0, f"{number} accepted, attempt 2\n")
        headway("wait", number)
        assert headway("logs", number).stdout == "2\n"
        assert headway("logs", "--attempt", "1", number).stdout == "1\n"
        assert "attempt 1   failed: exit code 3" in headway("job", number).stdout
        attempts = json.loads(headway("job", "--json", number).stdout)["attempts"]
        assert [(one["no"], one["exit_code"]) for one in attempts] == [(1, 3), (2, 3)]

    def test_of_a_job_that_goes_on_is_refused(self, headway: Headway) -> None:
        number = submitted(headway, "sleep", "60")
        done = headway("retry", number)
        assert done.returncode == 4
        assert "only a job that has ended" in done.stderr
        headway("kill", "--wait", number)


class TestClone:
    def test_makes_another_job_and_says_what_is_other(self, headway: Headway) -> None:
        number = ended(headway, "echo", "a", options=("--name", "one", "-l", "x", "-e", "A=1"))
        done = headway("clone", "--set", "name=two", "--set", "environment.B=2", number)
        assert done.returncode == 0
        assert f"job {done.stdout.strip()} is like job {number}" in done.stderr
        assert "name: one -> two" in done.stderr
        assert "environment.B: none -> 2" in done.stderr
        document = json.loads(headway("job", "--json", done.stdout.strip()).stdout)
        assert document["environment"] == {"A": "1", "B": "2"}
        assert (document["labels"], document["origin"]["how"]) == (["x"], "clone")

    def test_runs_another_command_when_one_is_given(self, headway: Headway) -> None:
        number = ended(headway, "echo", "a")
        done = headway("clone", "-f", number, "--", "echo", "b")
        assert (done.returncode, done.stdout) == (0, "b\n")
        assert "command: echo a -> echo b" in done.stderr

    def test_takes_away_what_is_set_to_nothing(self, headway: Headway) -> None:
        number = ended(headway, "true", options=("-l", "x", "--duration", "1h"))
        done = headway("clone", "--set", "labels=", "--set", "attributes.duration=", number)
        assert "labels: x -> none" in done.stderr
        assert "attributes.duration: 3600.0 -> none" in done.stderr

    @pytest.mark.parametrize(
        ("setting", "words"),
        [
            ("nmae=x", "there is no key 'nmae'"),
            ("name", "KEY=VALUE"),
            ("resources.process_count=0", "a number of 1 and up"),
            ("inherit_environment=1", "true or false"),
            ("resources.memory=4GB", "resources.memory"),
        ],
    )
    def test_says_which_setting_is_wrong(self, headway: Headway, setting: str, words: str) -> None:
        number = ended(headway, "true")
        done = headway("clone", "--set", setting, number)
        assert (done.returncode, done.stdout) == (2, "")
        assert words in done.stderr


class TestHide:
    def test_leaves_jobs_out_of_lists_until_they_are_shown_again(self, headway: Headway) -> None:
        number = ended(headway, "true", options=("-l", "hide-me"))
        assert headway("hide", number).stdout == f"{number} hidden\n"
        assert headway("jobs", "-l", "hide-me").stderr == "headway: no such jobs\n"
        assert headway("unhide", number).stdout == f"{number} shown again\n"
        assert number in headway("jobs", "-l", "hide-me").stdout


class TestLabel:
    def test_adds_and_removes(self, headway: Headway) -> None:
        number = ended(headway, "true", options=("-l", "draft", "-l", "h"))
        done = headway("label", number, "+keep", "-draft", "-h")
        assert (done.returncode, done.stdout) == (0, f"{number} #keep\n")

    def test_parts_jobs_from_labels(self) -> None:
        wish = read_wish(["42", "+a", "-b", "-yes"], add=["-odd"])
        assert wish == (("42",), ("-odd", "a"), ("b", "yes"))

    @pytest.mark.parametrize("words", [["42"], ["+a"], ["42", "+"]])
    def test_needs_a_job_and_a_label(self, headway: Headway, words: list[str]) -> None:
        assert headway("label", *words).returncode == 2


class TestByQuery:
    def test_off_a_terminal_only_yes_goes_on(self, headway: Headway) -> None:
        number = submitted(headway, "sleep", "60", options=("-l", "by-query"))
        asked = headway("kill", "label:by-query")
        assert (asked.returncode, asked.stdout) == (2, "")
        assert "1 job found, and nobody to ask: add --yes" in asked.stderr
        done = headway("kill", "label:by-query", "--yes", "--wait")
        assert done.stdout.splitlines()[0] == "1 job being cancelled"
        assert "cancelled" in headway("job", number).stdout

    def test_what_is_changed_is_told_as_json(self, headway: Headway) -> None:
        number = ended(headway, "false", options=("-l", "again"))
        done = headway("retry", "label:again", "--yes", "--json")
        told = json.loads(done.stdout)
        assert (told["matched"], told["done"], told["failed"]) == (1, 1, [])
        headway("wait", number)

    def test_nothing_found_is_said(self, headway: Headway) -> None:
        done = headway("hide", "label:nobody-has-this", "--yes")
        assert (done.returncode, done.stderr) == (0, "headway: no such jobs\n")

    def test_a_query_that_cannot_be_read_is_wrong_usage(self, headway: Headway) -> None:
        done = headway("hide", 'label:"open', "--yes")
        assert done.returncode == 2


def test_kill_says_that_a_job_had_ended_before(headway: Headway) -> None:
    number = ended(headway, "true")
    assert headway("kill", number).stdout == f"{number} had ended before: succeeded\n"


def test_of_a_job_that_was_cancelled_before_it_began_nothing_is_missing(headway: Headway) -> None:
    first = submitted(headway, "sleep", "60")
    number = submitted(headway, "echo", "never", options=("--after", first))
    headway("kill", "--wait", number)
    words = f"headway: job {number} wrote nothing: it was cancelled before it began\n"
    for option in ("--follow", "--both"):
        done = headway("logs", option, number)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", words)
    headway("kill", "--wait", first)
