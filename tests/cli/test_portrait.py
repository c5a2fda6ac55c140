"""``headway job``: what a function ran, and what it gave back."""

from typing import Any

import msgspec
import pytest
from tests.cli.test_board import AT, job

from headway.cli.portrait import print_job
from headway.lib.jsonvalue import JsonValue
from headway.sdk.model import JobDocument

ADDRESS = "http://server/api/v1/jobs/7"
LINES = {"pickled_bytes": 0, "source": "x = 6\nreturn x * 7", "shell": "", "rerun": 0}


def function(**fields: Any) -> JobDocument:
    """Make a function's document."""
    plain = {"function": LINES, "state": "succeeded", "ended": AT, "links": {"self": ADDRESS}}
    summary = msgspec.to_builtins(job("f"))
    return msgspec.convert({**summary, **plain, **fields}, JobDocument)


def shown(document: JobDocument, capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
    print_job(document, [])
    lines = capsys.readouterr().out.splitlines()[1:]
    return {line[2:14].strip(): line[14:] for line in lines}


@pytest.mark.parametrize(
    ("result", "words"),
    [
        ([1, "a"], '[1,"a"]'),
        (None, "null"),
        (
            {"$opaque": {"media_type": "x", "type": "nd\x1barray", "bytes": 2048}},
            f"nd\\x1barray, 2.0 KiB: {ADDRESS}/result",
        ),
    ],
)
def test_what_came_of_a_function_is_shown(
    result: JsonValue, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    facts = shown(function(result=result), capsys)
    assert facts["result"].replace("\N{REPLACEMENT CHARACTER}", "\\x1b") == words


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "x = 6"),
        ({"source": "", "shell": "ls \x1b[2J"}, "ls"),
        ({"source": "", "pickled_bytes": 100}, "of Python, 100 B with its data"),
    ],
)
def test_what_a_function_runs_is_shown_as_far_as_it_is_known(
    changes: dict[str, Any], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    facts = shown(function(function={**LINES, **changes}), capsys)
    assert facts["function"].startswith(words)
    assert "\x1b" not in "".join(facts.values())


def test_no_result_is_shown_of_what_failed(capsys: pytest.CaptureFixture[str]) -> None:
    assert "result" not in shown(function(state="failed"), capsys)


def test_the_groups_that_a_job_is_in_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    groups = [{"id": "f", "name": "fits"}, {"id": "n", "name": "night\x1b[2J"}]
    shown_of = shown(function(groups=groups), capsys)["groups"]
    assert shown_of == "fits, night\N{REPLACEMENT CHARACTER}[2J"
    assert "groups" not in shown(function(), capsys)


def test_where_a_function_raised_is_shown_as_text(capsys: pytest.CaptureFixture[str]) -> None:
    error = {
        "type": "E\x1brr",
        "message": "no\nbeam",
        "traceback": 'Traceback\n  File "f.py"\n    \x1b[2Jf()\n',
    }
    print_job(function(state="failed", reason="exception", error=error), [])
    out = capsys.readouterr().out.replace("\N{REPLACEMENT CHARACTER}", "?")
    assert "error       E?rr: no beam\n" in out
    assert out.endswith('\n\nTraceback\n  File "f.py"\n    ?[2Jf()\n')
