import json

import msgspec
import pytest

from headway.core import errors
from headway.core.model.state import State
from headway.sdk import answers, model
from headway.sdk.message import Response
from headway.sdk.problems import check, error_of
from headway.sdk.sse import ServerEvent

JOB = {
    "id": "0197c1de-0000-7000-8000-000000000000",
    "number": 42,
    "kind": "command",
    "state": "running",
    "created": "2026-03-01T12:00:00.000001Z",
    "updated": "2026-03-01T12:00:01Z",
}
ERRORS = [
    kind
    for kind in vars(errors).values()
    if isinstance(kind, type)
    and kind not in (errors.HeadwayError, errors.ServerUnreachable, errors.TimedOut)
]


def ok(document: object) -> Response:
    return Response(200, {"content-type": "application/json"}, json.dumps(document).encode())


def problem(status: int, **members: object) -> Response:
    headers = {"content-type": "application/problem+json"}
    return Response(status, headers, json.dumps(members).encode())


def test_a_job_is_read_and_what_is_left_out_has_a_default() -> None:
    job = answers.job(ok(JOB))
    assert (job.number, job.state, job.labels, job.counters) == (42, State.RUNNING, (), ())
    assert job.created.utcoffset() is not None


def test_keys_that_are_new_to_us_are_passed_over() -> None:
    job = answers.job(ok({**JOB, "mood": "good", "workers": {"count": 3, "happy": 2}}))
    assert job.workers.count == 3


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"id": 3}'])
def test_an_answer_that_is_not_ours_is_said_so(body: bytes) -> None:
    with pytest.raises(errors.ServerUnreachable, match="not one that a Headway server"):
        answers.job(Response(200, {}, body))


@pytest.mark.parametrize("kind", ERRORS, ids=lambda kind: kind.code)
def test_every_error_comes_back_as_itself(kind: type[errors.HeadwayError]) -> None:
    error = error_of(problem(400, code=kind.code, detail="no such thing"))
    assert type(error) is kind
    assert str(error) == "no such thing"


def test_the_field_that_is_wrong_is_named() -> None:
    error = error_of(problem(422, code="invalid-request", detail="no", field="memory"))
    assert isinstance(error, errors.InvalidRequest)
    assert error.field == "memory"


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (404, errors.NotFound),
        (401, errors.Unauthenticated),
        (421, errors.Forbidden),
        (502, errors.ServerUnreachable),
        (507, errors.StorageFull),
        (500, errors.HeadwayError),
        (302, errors.HeadwayError),
    ],
)
def test_a_refusal_without_a_code_is_told_by_its_status(
    status: int, kind: type[errors.HeadwayError]
) -> None:
    error = error_of(Response(status, {"content-type": "text/html"}, b"<h1>no</h1>"))
    assert type(error) is kind
    assert str(status) in str(error)


@pytest.mark.parametrize("body", [b"", b"[1]", b"\xff"])
def test_a_problem_that_cannot_be_read_is_an_error_all_the_same(body: bytes) -> None:
    with pytest.raises(errors.NotFound):
        check(Response(404, {"content-type": "application/problem+json"}, body))


def test_a_frame_is_read_change_by_change() -> None:
    worker = {"id": "w1", "current": 3, "total": 4, "fraction": 0.75}
    changes = [
        {"type": "job", "job": JOB},
        {"type": "worker", "job": JOB["id"], "worker": worker},
        {"type": "counters", "job": JOB["id"], "counters": [{"key": "n", "value": 1}]},
        {"type": "event", "event": {"seq": 9, "type": "job.running", "time": JOB["updated"]}},
        {"type": "gone", "id": JOB["id"]},
        {"type": "reset"},
    ]
    frame = answers.frame(ServerEvent("17", "changes", json.dumps(changes)))
    assert frame.seq == 17
    kinds = [type(change) for change in frame.changes]
    assert kinds == [
        model.JobChange,
        model.WorkerChange,
        model.CountersChange,
        model.EventChange,
        model.GoneChange,
        model.Reset,
    ]


def test_changes_of_a_kind_that_is_new_to_us_are_left_out() -> None:
    frame = answers.frame(ServerEvent("1", "changes", '[{"type":"mood"},{"type":"reset"}]'))
    assert frame.changes == (model.Reset(),)


def test_a_frame_that_is_none_is_said_so() -> None:
    with pytest.raises(errors.ServerUnreachable):
        answers.frame(ServerEvent("x", "changes", "[]"))


def test_a_result_can_be_written_as_json_again() -> None:
    job = answers.job(ok(JOB))
    again = msgspec.json.decode(msgspec.json.encode(job), type=model.JobDocument)
    assert again == job
