"""What a status_callback_url is told of each event."""

import json

import pytest

from headway.core.model.event import Event, EventType
from headway.core.model.job import Job, Kind
from headway.core.model.names import JobId
from headway.core.model.state import Reason, State, pairs
from headway.core.ports.callbacks import Rendered
from headway.protocols.joblauncher import plugin
from headway.protocols.joblauncher.wire.status import WORDS
from headway.testing.fakes import NOON


def rendered(state: State, reason: Reason | None = None, **fields: object) -> Rendered | None:
    job = Job(
        id=JobId("0190"),
        kind=Kind.COMMAND,
        protocol="joblauncher",
        owner="alice",
        created=NOON,
        updated=NOON,
    ).changed(at=NOON, state=state, reason=reason, **fields)
    event = Event(
        job=job.id, time=NOON, type=EventType.REASON, actor="headway", protocol="joblauncher"
    )
    return plugin.callback_words(job, event)


def test_a_call_is_a_put_of_the_status_object_alone() -> None:
    said = rendered(State.FAILED, Reason.NONZERO_EXIT, exit_code=3)
    assert said is not None
    assert (said.method, said.content_type) == ("PUT", "application/json; charset=UTF-8")
    assert json.loads(said.body) == {
        "state": "DONE",
        "exitCode": 3,
        "exception": None,
        "running": False,
        "done": True,
        "schedulerSpecficInformation": None,
        "schedulerSpecificInformation": None,
    }


@pytest.mark.parametrize(("state", "reason"), pairs())
def test_every_pair_is_told_in_its_word_unless_it_is_initial(
    state: State, reason: Reason | None
) -> None:
    said = rendered(state, reason)
    word = WORDS[state, reason]
    assert (said is None) == (word == "INITIAL")
    assert said is None or said.word.startswith(word)


def test_what_changes_nothing_for_the_client_is_the_same_word() -> None:
    one, other = rendered(State.RUNNING), rendered(State.RUNNING, Reason.SUSPENDED)
    assert one is not None
    assert other is not None
    assert one.word == other.word


def test_an_end_that_turns_out_to_be_another_one_is_another_word() -> None:
    words = {
        said.word
        for said in (
            rendered(State.SUCCEEDED),
            rendered(State.FAILED, Reason.NONZERO_EXIT, exit_code=1),
            rendered(State.FAILED, Reason.NONZERO_EXIT, exit_code=2),
            rendered(State.FAILED, Reason.LOST),
        )
        if said is not None
    }
    assert len(words) == 4
