"""Jobs and groups as info objects, and the client's messages."""

import random
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headway.core.errors import InvalidRequest
from headway.core.model.function import Function
from headway.core.model.group import Group
from headway.core.model.job import Job, JobError
from headway.core.model.names import Cluster, GroupId
from headway.core.model.spec import Spec
from headway.core.model.state import Reason, State
from headway.protocols.moi.wire import info
from headway.protocols.moi.wire.info import TRACEBACK, date_of, info_of_group, info_of_job
from headway.protocols.moi.wire.messages import Request, Verb, read_message, told, told_error
from headway.testing.fakes import NOON
from headway.testing.samples import a_job

KEYS = [
    "id",
    "type",
    "pubsub",
    "url",
    "parent",
    "context",
    "name",
    "status",
    "date_start",
    "date_end",
    "date_created",
    "result",
]


def local(at: datetime) -> str:
    return str(at.astimezone().replace(tzinfo=None))


def ended(state: State, **fields: object) -> Job:
    reason = None if state is State.SUCCEEDED else Reason.EXCEPTION
    return a_job().moved_to(state, at=NOON, reason=reason, **fields)


def test_a_job_has_mois_keys_and_a_group_the_same() -> None:
    job = msgspec.to_builtins(info_of_job(a_job(), parent="p"))
    group = Group(id=GroupId("g"), owner="ada", name="all", created=NOON)
    assert list(job) == KEYS
    assert list(msgspec.to_builtins(info_of_group(group, parent=None))) == KEYS


@pytest.fixture(params=["UTC", "Asia/Kathmandu", "America/St_Johns", "Europe/Amsterdam"])
def zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Be somewhere else; the last one differed by seconds from whole minutes until 1937."""

    def forget() -> None:
        time.tzset()
        info._minute.cache_clear()
        info._offset.cache_clear()

    with monkeypatch.context() as there:
        there.setenv("TZ", request.param)
        forget()
        yield request.param
    forget()


def test_dates_are_local_wherever_and_whenever_that_is(zone: str) -> None:
    choose = random.Random(zone)
    for _ in range(500):
        after = timedelta(seconds=choose.randrange(150 * 365 * 86_400), microseconds=1)
        at = datetime(1900, 1, 2, tzinfo=UTC) + after
        assert date_of(at) == local(at)


def test_dates_are_local_with_microseconds_also_where_there_are_none() -> None:
    at = NOON + timedelta(microseconds=7)
    assert date_of(at) == local(at)
    assert date_of(NOON) == local(NOON) + ".000000"


@pytest.mark.parametrize(
    ("job", "status"),
    [
        (a_job(), "Queued"),
        (a_job(status_text="early"), "Queued"),
        (a_job().moved_to(State.RUNNING, at=NOON), "Running"),
        (a_job(status_text="half way").moved_to(State.RUNNING, at=NOON), "half way"),
        (ended(State.SUCCEEDED, status_text="half way"), "Success"),
        (ended(State.FAILED), "Failed"),
        (a_job().moved_to(State.CANCELLED, at=NOON, reason=Reason.BY_USER), "Failed"),
    ],
)
def test_a_status_is_the_jobs_own_words_only_while_it_runs(job: Job, status: str) -> None:
    assert info_of_job(job, parent=None).status == status


def test_a_result_is_there_at_the_end() -> None:
    assert info_of_job(a_job(), parent=None).result is None
    assert info_of_job(ended(State.SUCCEEDED, result=[1, "a"]), parent=None).result == [1, "a"]


@pytest.mark.parametrize(
    ("error", "lines"),
    [
        (
            JobError(type="E", message="m", traceback=f'{TRACEBACK}  File "f"\nE: m\n'),
            [TRACEBACK, '  File "f"\n', "E: m\n"],
        ),
        (JobError(type="E", message="m", traceback="E: m\n"), [TRACEBACK, "E: m\n"]),
        (JobError(type="E", message="a\nb"), [TRACEBACK, "E: a\n", "b\n"]),
        (None, ["failed: an exception ended it\n"]),
    ],
)
def test_a_failures_result_is_the_tracebacks_lines(
    error: JobError | None, lines: list[str]
) -> None:
    assert info_of_job(ended(State.FAILED, error=error), parent=None).result == lines


def test_a_job_keeps_what_it_was_called_at_this_door() -> None:
    kept = {"moi": {"context": "general", "url": "/result"}}
    info = info_of_job(a_job(extra=kept, cluster=Cluster("functions")), parent=None)
    assert (info.context, info.url) == ("general", "/result")
    odd = info_of_job(a_job(extra={"moi": ["x"]}, cluster=Cluster("c")), parent=None)
    assert (odd.context, odd.url) == ("c", None)


def test_a_job_in_no_group_any_more_says_what_it_was_submitted_into() -> None:
    job = a_job(spec=Spec(function=Function(source="1", within="g")))
    assert info_of_job(job, parent=None).parent == "g"
    assert info_of_job(job, parent="h").parent == "h"


# Messages


@pytest.mark.parametrize(
    ("text", "requests"),
    [
        ('{"get": []}', [Request(Verb.GET)]),
        ('{"remove": "a"}', [Request(Verb.REMOVE, ("a",))]),
        ('{"add": ["a", "b", "a"]}', [Request(Verb.ADD, ("a", "b"))]),
        ('{"get": [], "close": null}', [Request(Verb.CLOSE)]),
        ("{}", []),
        (
            '{"get": ["a"], "remove": ["b"]}',
            [Request(Verb.GET, ("a",)), Request(Verb.REMOVE, ("b",))],
        ),
    ],
)
def test_a_message_is_what_is_asked_for_in_its_order(text: str, requests: list[Request]) -> None:
    assert read_message(text) == requests


@given(st.text() | st.recursive(st.none() | st.text(), st.lists).map(str))
def test_whatever_comes_is_read_or_refused(text: str) -> None:
    try:
        assert isinstance(read_message(text), list)
    except InvalidRequest as error:
        assert str(error)  # noqa: PT017 -- either way is right


def test_too_many_ids_are_refused() -> None:
    with pytest.raises(InvalidRequest, match="more than 10000"):
        read_message(msgspec.json.encode({"get": [str(n) for n in range(10_001)]}).decode())


def test_what_is_told_has_one_verb() -> None:
    assert list(msgspec.json.decode(told(Verb.ADD, info_of_job(a_job(), parent=None)))) == ["add"]
    assert told_error("no") == b'{"error":"no"}'
