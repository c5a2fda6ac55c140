"""Records of wrappers are read with doubt: a job may have written anything in their place."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headway.executors.batch.record import read_ended, read_started

NAMES = (
    "native_id",
    "host",
    "run",
    "started",
    "at",
    "exit_code",
    "signal",
    "signals",
    "timed_out",
    "cpu_s",
    "max_memory_bytes",
    "wall_s",
    "not_started",
)
ANY_VALUE = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([10**30, -(10**30), 10**400, 1 << 63])
    | st.floats()
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=4,
)
WHOLE = {"native_id": "12", "host": "n1", "run": 0, "at": 1000.5, "started": 990.0}


@given(st.binary())
def test_any_bytes_are_a_record_or_none(raw: bytes) -> None:
    read_started(raw)
    read_ended(raw)


@given(st.dictionaries(st.sampled_from(NAMES), ANY_VALUE))
def test_any_values_are_a_record_or_none(fields: dict[str, object]) -> None:
    for raw in (json.dumps(fields).encode(), json.dumps(WHOLE | fields).encode()):
        read_started(raw)
        ended = read_ended(raw)
        if ended is not None:
            assert (ended.exit_code is None) != (ended.signal is None)
            assert ended.started <= ended.at
            assert ended.host.isprintable()
            assert ended.not_started.isprintable()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("value", [10**400, -(10**400), 1e308, float("inf"), "\ud800"])
def test_values_beyond_all_bounds_are_none(name: str, value: object) -> None:
    raw = json.dumps(WHOLE | {"exit_code": 0} | {name: value}).encode()
    read_started(raw)
    read_ended(raw)


@given(st.binary(max_size=40), st.integers(min_value=0))
def test_half_a_record_is_none(tail: bytes, at: int) -> None:
    raw = json.dumps(WHOLE | {"exit_code": 0}).encode()
    half = raw[: at % len(raw)]
    assert read_ended(half) is None
    assert read_started(half) is None
    assert read_ended(half + b"\0" + tail) is None


def test_a_deep_one_is_none() -> None:
    deep = b'{"at": 1, "exit_code": 0, "x": ' + b"[" * 100_000
    assert read_ended(deep) is None
    assert read_ended(b"[" * 100_000 + b"]" * 100_000) is None


def test_a_whole_one_is_read() -> None:
    raw = json.dumps(
        WHOLE
        | {
            "exit_code": 3,
            "signal": None,
            "signals": [15],
            "timed_out": True,
            "cpu_s": 1.5,
            "max_memory_bytes": 4096,
            "wall_s": 10.5,
            "not_started": "no\nway\x1b",
        }
    ).encode()
    ended = read_ended(raw)
    assert ended is not None
    assert (ended.native_id, ended.host, ended.run) == ("12", "n1", 0)
    assert (ended.exit_code, ended.signal) == (3, None)
    assert (ended.interrupted, ended.timed_out) == (True, True)
    assert ended.at == datetime.fromtimestamp(1000.5, UTC)
    assert ended.started == datetime.fromtimestamp(990, UTC)
    assert (ended.usage.cpu_s, ended.usage.max_memory_bytes, ended.usage.wall_s) == (
        1.5,
        4096,
        10.5,
    )
    assert ended.not_started == "no way"
    started = read_started(raw)
    assert started is not None
    assert started.at == ended.at


@pytest.mark.parametrize(
    "wrong",
    [
        {"exit_code": None, "signal": None},
        {"exit_code": 1, "signal": 9},
        {"exit_code": 256},
        {"exit_code": -1},
        {"exit_code": True},
        {"exit_code": "0"},
        {"exit_code": 0, "at": None},
        {"exit_code": 0, "at": "now"},
        {"exit_code": 0, "at": 1e300},
        {"exit_code": 0, "at": -1},
        {"exit_code": 0, "at": float("nan")},
    ],
)
def test_one_without_one_end_at_one_time_is_none(wrong: dict[str, object]) -> None:
    assert read_ended(json.dumps(WHOLE | wrong).encode()) is None
