"""Whatever JSON comes: it is taken, or refused naming the field; and the quick way and the careful way agree."""

from collections.abc import Callable
from typing import Any, Final

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.properties import examples

from headway.core.errors import InvalidRequest
from headway.protocols.http.body import decode_json
from headway.protocols.rest.reading import BodyReader, QueryReader, keys_and_depth
from headway.protocols.rest.wire.bodies import (
    CountersBody,
    FinishBody,
    FunctionBody,
    JobBody,
    LabelsBody,
    ReportBody,
    TokenBody,
    WorkerBody,
)
from headway.protocols.rest.wire.explain import explain
from headway.protocols.rest.wire.phrase import TypeForm
from headway.protocols.rest.wire.queries import JobsQuery, LiveQuery, LogQuery
from headway.protocols.rest.wire.submission import check_job, spec_of

BODIES: Final = [
    JobBody,
    FunctionBody,
    WorkerBody,
    ReportBody,
    LabelsBody,
    FinishBody,
    TokenBody,
    CountersBody,
]
TEXT: Final = st.text(max_size=12)
JSON: Final = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


def of_fields(kind: Any) -> st.SearchStrategy[Any]:
    """Give objects that have the type's own keys more often than others."""
    if not (isinstance(kind, type) and issubclass(kind, msgspec.Struct)):
        return JSON
    names = [field.encode_name for field in msgspec.structs.fields(kind)]
    likely = st.sampled_from([[], ["a"], {}, {"a": "b"}, "a", "/a", 1, 1.5, True, None, "read", 0])
    return st.dictionaries(st.sampled_from(names) | TEXT, likely | JSON, max_size=6) | JSON


def refusal(call: Callable[[], object]) -> InvalidRequest | None:
    """Give the refusal that a call ends in, None when it goes well; anything else it raises is a bug."""
    try:
        call()
    except InvalidRequest as error:
        return error
    return None


@pytest.mark.hypothesis
@pytest.mark.parametrize("kind", BODIES, ids=str)
def test_any_body_is_taken_or_refused_by_name(kind: TypeForm) -> None:
    reader: BodyReader[Any] = BodyReader(kind)

    @given(of_fields(kind))
    @settings(max_examples=examples(200), deadline=None)
    def tried(value: Any) -> None:
        raw = msgspec.json.encode(value)
        refused = refusal(lambda: reader.decode(raw))
        fits = explain(value, kind) is None and rb"\u0000" not in raw
        assert (refused is None) == fits
        assert refused is None or (refused.field and len(str(refused)) < 1000)

    tried()


@given(of_fields(JobBody))
@example({"function": {}})
@settings(max_examples=examples(500), deadline=None)
def test_any_job_is_made_or_refused_by_name(value: Any) -> None:
    def made() -> None:
        job = BodyReader[JobBody](JobBody).decode(msgspec.json.encode(value))
        check_job(job, size_bytes=1_000_000)
        spec = spec_of(job)
        assert spec.command or spec.function is not None or job.kind == "report"

    refused = refusal(made)
    assert refused is None or refused.field


@given(st.binary(max_size=60) | st.text(alphabet='{}[]",:\\u0dD8tfn1eE.- ', max_size=40))
@settings(max_examples=examples(1000), deadline=None)
def test_any_bytes_are_refused_in_words(raw: bytes | str) -> None:
    given_ = raw.encode() if isinstance(raw, str) else raw
    reader = BodyReader[dict[str, Any]](dict[str, Any])
    refused = refusal(lambda: reader.decode(given_))
    assert refused or reader.decode(given_) == decode_json(given_)


@given(st.binary(max_size=60))
@settings(max_examples=examples(300), deadline=None)
@pytest.mark.parametrize("kind", [JobsQuery, LogQuery, LiveQuery])
def test_any_query_is_taken_or_refused_by_name(kind: Any, raw: bytes) -> None:
    for query in (raw, b"limit=" + raw, b"after=" + raw, b"tail=" + raw, b"since=" + raw):
        refused = refusal(lambda: QueryReader(kind).read({"query_string": query}))  # noqa: B023
        assert refused is None or refused.field is not None


@given(JSON)
def test_keys_are_counted_as_they_are_written(value: Any) -> None:
    encoded = msgspec.json.encode(value)
    found = keys_and_depth(msgspec.json.decode(encoded))
    assert found == (_keys(value), _depth(value))


def _keys(value: Any) -> int:
    if isinstance(value, dict):
        return len(value) + sum(map(_keys, value.values()))
    return sum(map(_keys, value)) if isinstance(value, list) else 0


def _depth(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + max(map(_depth, value.values()), default=0)
    return 1 + max(map(_depth, value), default=0) if isinstance(value, list) else 0
