"""``headway why``."""

import json
from datetime import UTC, datetime

from tests.cli.conftest import Headway

from headway.cli.why import why_lines
from headway.sdk.model import Why


def ended(headway: Headway, *command: str) -> str:
    number = headway("submit", "--", *command).stdout.strip()
    headway("wait", number)
    return number


def test_a_failed_job_is_told_of_with_its_last_lines_and_what_to_do(headway: Headway) -> None:
    number = ended(headway, "sh", "-c", "echo looking; echo 'no such beam' >&2; exit 3")
    done = headway("why", number)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        f"Job {number} failed\n"
        "  It ended with exit code 3.\n"
        "  The last lines that it wrote:\n"
        "  | no such beam\n"
        f"  > See what it wrote (headway logs {number}), mend that, and run it again:"
        f" headway retry {number}\n"
    )


def test_a_program_that_is_not_there_is_named(headway: Headway) -> None:
    number = ended(headway, "no-such-program")
    told = headway("why", number).stdout
    assert "It could not be started." in told
    assert "no-such-program" in told


def test_json_is_the_servers_document(headway: Headway) -> None:
    number = ended(headway, "true")
    document = json.loads(headway("why", number, "--json").stdout)
    assert (document["headline"], document["advice"]) == ("It has succeeded.", None)


def test_where_the_cluster_has_no_text_of_its_own_that_is_said(headway: Headway) -> None:
    number = ended(headway, "true")
    done = headway("why", number, "--native")
    assert done.returncode == 3
    assert "this machine's own executor has no more to say" in done.stderr


def test_an_attempt_goes_with_the_schedulers_own_text(headway: Headway) -> None:
    assert headway("why", "1", "--attempt", "1").returncode == 2


def test_a_job_that_nobody_has_is_not_found(headway: Headway) -> None:
    assert headway("why", "999999").returncode == 3


def test_long_words_are_wrapped_and_hostile_ones_made_harmless() -> None:
    told = Why(
        id="x",
        number=42,
        state="queued",
        headline="It waits.",
        words=("Slurm says: \x1b[31mred\n" + "word " * 30,),
        advice="Release it: scontrol release 77",
        as_of=datetime(2026, 1, 1, tzinfo=UTC),
        last_lines=("  \x1b[1mFile\x1b[0m x\x07",),
    )
    lines = list(why_lines(told, width=60))
    assert all(len(line) <= 60 for line in lines)
    assert "\x1b[31mred" not in "".join(lines)
    assert "  |   File x\ufffd" in lines
    assert lines[0] == "Job 42 queued"
    assert lines[-1] == "  > Release it: scontrol release 77"
