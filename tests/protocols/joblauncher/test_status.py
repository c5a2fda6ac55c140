"""Every state and reason of a job has its status object."""

import runpy
from pathlib import Path
from typing import Any

import msgspec
import pytest

from headway.core.model.job import Job, JobError, Kind
from headway.core.model.names import JobId
from headway.core.model.state import Reason, State, pairs
from headway.protocols.joblauncher.wire.status import WORDS, status_of
from headway.testing.fakes import NOON
from headway.views.words import REASON_WORDS

ROOT = Path(__file__).resolve().parents[3]
SHAPE: Any = runpy.run_path(str(ROOT / "tools" / "shape_data.py"))["load"]()
TABLE = next(door for door in SHAPE.doors if door.door == "joblauncher").words[0]


def job(state: State, reason: Reason | None = None, **fields: Any) -> Job:
    return Job(
        id=JobId("0190"),
        kind=Kind.COMMAND,
        protocol="joblauncher",
        owner="alice",
        state=state,
        reason=reason,
        created=NOON,
        updated=NOON,
        **fields,
    )


def told(told_of: Job, **native_info: object) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.json.decode(
        msgspec.json.encode(status_of(told_of, native_info))
    )
    return found


@pytest.mark.parametrize(("state", "reason"), pairs())
def test_every_pair_says_what_the_table_of_words_says(state: State, reason: Reason | None) -> None:
    ended_by = {Reason.NONZERO_EXIT: {"exit_code": 3}, Reason.SIGNAL: {"signal": 9}}
    status = told(job(state, reason, **ended_by.get(reason, {}) if reason else {}))
    rule = TABLE.find(state, reason)
    words = {
        "null": None,
        "true": True,
        "false": False,
        "0": 0,
        "Job.exit_code": 3,
        "128 + Job.signal": 137,
        "Job.error.message, else the reason in words": reason
        and f"Failed: {REASON_WORDS[reason]}.",
    }
    said = {column: words.get(word, word) for column, word in rule.extra.items()}
    assert {column: status[column] for column in said} == said
    assert status["state"] == rule.word == WORDS[state, reason]


@pytest.mark.parametrize(("state", "reason"), pairs())
def test_no_client_can_take_a_failure_for_a_success(state: State, reason: Reason | None) -> None:
    status = told(job(state, reason))
    looks_good = status["done"] and status["exception"] is None and status["exitCode"] in {None, 0}
    assert looks_good == (state is State.SUCCEEDED)


@pytest.mark.parametrize(("state", "reason"), pairs())
def test_a_job_is_never_running_and_done(state: State, reason: Reason | None) -> None:
    status = told(job(state, reason))
    assert not (status["running"] and status["done"])


def test_the_seeds_status_of_a_running_job() -> None:
    status = told(job(State.RUNNING))
    assert status.pop("schedulerSpecificInformation") is None
    assert status == {
        "state": "RUNNING",
        "exitCode": None,
        "exception": None,
        "running": True,
        "done": False,
        "schedulerSpecficInformation": None,
    }


def test_the_seeds_status_of_a_job_that_is_done() -> None:
    status = told(job(State.SUCCEEDED, exit_code=0))
    assert (status["state"], status["exitCode"], status["exception"]) == ("DONE", 0, None)
    assert (status["running"], status["done"]) == (False, True)


def test_the_seeds_status_of_a_job_that_was_cancelled() -> None:
    status = told(job(State.CANCELLED, Reason.BY_USER, signal=15))
    assert (status["state"], status["exitCode"]) == ("KILLED", None)
    assert status["exception"] == "Process cancelled by user."


def test_what_went_wrong_is_told_in_the_jobs_own_words_where_there_are_any() -> None:
    failed = job(
        State.FAILED,
        Reason.STAGING_FAILED,
        error=JobError(type="staging_failed", message="there is no /data/input"),
    )
    assert told(failed)["exception"] == "there is no /data/input"
    assert told(failed)["state"] == "ERROR"


def test_what_the_scheduler_says_is_told_in_both_spellings_and_as_text() -> None:
    status = told(job(State.RUNNING), JobState="RUNNING", Restarts=0)
    expected = {"JobState": "RUNNING", "Restarts": "0"}
    assert status["schedulerSpecficInformation"] == expected
    assert status["schedulerSpecificInformation"] == expected
