"""The body of POST /job: what is taken, what is refused, and which file goes where."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from headway.core.errors import InvalidRequest, TooLarge
from headway.core.model.spec import Deletion, Sandbox, Transfer
from headway.protocols.joblauncher.wire.request import Request, missing_in, read_request
from headway.protocols.joblauncher.wire.staging import sandbox_of

PLAIN = {"jobdir": "/home/alice/myjob/", "executable": "/bin/sh"}


def read(**fields: object) -> Request:
    body: dict[str, Any] = {**PLAIN, **fields}
    return read_request(body, json.dumps(body).encode())


def read_text(text: str) -> Request:
    return read_request(msgspec.json.decode(text), text.encode())


def sandbox(**fields: object) -> Sandbox:
    return sandbox_of(read(**fields), delete=Deletion.ALWAYS, keep_s=0.0)


def refusal(**fields: object) -> InvalidRequest:
    with pytest.raises(InvalidRequest) as caught:
        sandbox(**fields)
    return caught.value


def test_what_is_left_out_is_empty_or_has_its_old_name() -> None:
    request = read()
    assert (request.arguments, request.prestaged, request.poststaged) == ((), (), ())
    assert (request.stdout, request.stderr) == ("stdout.txt", "stderr.txt")
    assert (request.environment, request.status_callback_url) == ({}, None)


@pytest.mark.parametrize(
    "name",
    ["arguments", "prestaged", "poststaged", "stdout", "stderr", "environment"],
)
def test_null_is_as_if_it_were_left_out(name: str) -> None:
    assert read(**{name: None}) == read()


@pytest.mark.parametrize("name", ["jobdir", "executable"])
@pytest.mark.parametrize("body", [{}, {"jobdir": None, "executable": None}])
def test_what_must_be_there_is_missed_first(name: str, body: dict[str, None]) -> None:
    assert missing_in({**PLAIN, name: None} | {k: v for k, v in body.items() if k == name}) == name


def test_scalars_among_the_arguments_are_their_texts() -> None:
    request = read(arguments=["-n", 4, 0.5, True, False, -7])
    assert request.arguments == ("-n", "4", "0.5", "true", "false", "-7")


def test_a_number_is_taken_as_it_is_spelled() -> None:
    request = read_text(
        '{"jobdir": "/j", "executable": "x", "arguments": ["é", 1.10, 1e3, 2],'
        ' "environment": {"VERSION": 3.10, "N": 4, "ON": true}}'
    )
    assert request.arguments == ("é", "1.10", "1e3", "2")
    assert request.environment == {"VERSION": "3.10", "N": "4", "ON": "true"}


@pytest.mark.parametrize(
    ("entry", "source", "target"),
    [
        ("runme.sh", "/home/alice/myjob/runme.sh", "runme.sh"),
        ("/data/u.fasta", "/data/u.fasta", "u.fasta"),
        ("input/data.in", "/home/alice/myjob/input/data.in", "data.in"),
        ("input/", "/home/alice/myjob/input/", "input"),
    ],
)
def test_what_comes_in_is_flattened(entry: str, source: str, target: str) -> None:
    assert sandbox(prestaged=[entry]).stage_in == (Transfer(source=source, target=target),)


@pytest.mark.parametrize(
    ("entry", "source", "target"),
    [
        ("data.out", "data.out", "/home/alice/myjob/data.out"),
        ("output/data.out", "data.out", "/home/alice/myjob/output/data.out"),
        ("/data/u.fasta", "u.fasta", "/home/alice/myjob/data/u.fasta"),
        ("output/", "output", "/home/alice/myjob/output"),
    ],
)
def test_what_goes_out_lands_below_jobdir(entry: str, source: str, target: str) -> None:
    assert sandbox(poststaged=[entry]).stage_out == (Transfer(source=source, target=target),)


@pytest.mark.parametrize("jobdir", ["/j", "/j/", "/j//"])
def test_jobdir_may_end_in_a_slash_or_not(jobdir: str) -> None:
    made = sandbox(jobdir=jobdir, prestaged=["a"], poststaged=["b"])
    assert made.stage_in[0].source == "/j/a"
    assert made.stage_out[0].target == "/j/b"
    assert (made.stdout, made.stderr) == ("/j/stdout.txt", "/j/stderr.txt")


def test_the_outputs_land_below_jobdir_too() -> None:
    made = sandbox(stdout="logs/out", stderr="/err")
    assert (made.stdout, made.stderr) == (
        "/home/alice/myjob/logs/out",
        "/home/alice/myjob/err",
    )


def test_an_entry_that_comes_twice_is_brought_and_fetched_once() -> None:
    made = sandbox(prestaged=["a", "a"], poststaged=["b", "/b"])
    assert len(made.stage_in) == len(made.stage_out) == 1


def test_two_files_that_would_be_one_in_the_sandbox_are_refused() -> None:
    error = refusal(prestaged=["a/data", "b/data"])
    assert error.field == "prestaged[1]"
    assert "a/data" in str(error)
    assert "b/data" in str(error)


def test_the_outputs_cannot_be_one_file() -> None:
    assert refusal(stdout="log", stderr="log").field == "stderr"


def test_an_output_that_is_also_poststaged_is_fetched_once() -> None:
    assert sandbox(poststaged=["stdout.txt", "a"]).stage_out == (
        Transfer(source="a", target="/home/alice/myjob/a"),
    )


@pytest.mark.parametrize(
    ("name", "value", "field"),
    [
        ("jobdir", "relative", "jobdir"),
        ("jobdir", 5, "jobdir"),
        ("jobdir", "", "jobdir"),
        ("jobdir", "/a\0b", "jobdir"),
        ("jobdir", "/" + "a" * 5000, "jobdir"),
        ("executable", ["sh"], "executable"),
        ("executable", "", "executable"),
        ("executable", "s\0h", "executable"),
        ("executable", False, "executable"),
        ("arguments", "runme.sh", "arguments"),
        ("arguments", {"0": "runme.sh"}, "arguments"),
        ("arguments", ["a", None], "arguments[1]"),
        ("arguments", [["a"]], "arguments[0]"),
        ("arguments", ["a\0"], "arguments[0]"),
        ("arguments", ["a" * 200_000], "arguments"),
        ("arguments", ["a" * 100_000] * 11, "arguments"),
        ("arguments", ["a"] * 10_001, "arguments"),
        ("prestaged", "runme.sh", "prestaged"),
        ("prestaged", [1], "prestaged[0]"),
        ("prestaged", ["a", ""], "prestaged[1]"),
        ("prestaged", [".."], "prestaged[0]"),
        ("prestaged", ["/"], "prestaged[0]"),
        ("poststaged", [{}], "poststaged[0]"),
        ("poststaged", ["a", "b/."], "poststaged[1]"),
        ("poststaged", ["a"] * 10_001, "poststaged"),
        ("stdout", 1, "stdout"),
        ("stdout", "", "stdout"),
        ("stdout", "..", "stdout"),
        ("stderr", ["a"], "stderr"),
        ("environment", [], "environment"),
        ("environment", "A=1", "environment"),
        ("environment", {"": "x"}, "environment"),
        ("environment", {"A=B": "x"}, "environment"),
        ("environment", {"A": None}, "environment.A"),
        ("environment", {"A": {}}, "environment.A"),
        ("environment", {"A": "a" * 200_000}, "environment"),
        ("status_callback_url", 80, "status_callback_url"),
        ("status_callback_url", "", "status_callback_url"),
        ("status_callback_url", "ftp://host/x", "status_callback_url"),
        ("status_callback_url", "http://", "status_callback_url"),
        ("status_callback_url", "http://user:secret@host/", "status_callback_url"),
        ("status_callback_url", "http://host:99999/", "status_callback_url"),
        ("status_callback_url", "http://host/" + "a" * 5000, "status_callback_url"),
        ("job_dir", "/x", "job_dir"),
        ("a" * 500, "/x", "a" * 60),
    ],
)
def test_what_cannot_be_used_is_refused_by_its_name(name: str, value: object, field: str) -> None:
    error = refusal(**{name: value})
    assert error.field == field
    assert len(str(error)) < 500


def test_a_misspelled_field_is_told_what_it_may_have_meant() -> None:
    assert "jobdir" in str(refusal(job_dir="/x"))


def test_too_much_is_told_apart_from_what_is_wrong() -> None:
    assert isinstance(refusal(arguments=["a"] * 10_001), TooLarge)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)
FIELDS = st.sampled_from([*Request.__struct_fields__, "other"])


@given(st.dictionaries(FIELDS, JSON, max_size=5))
@example({"arguments": [1.5], "environment": []})
@example({"arguments": [1.5, {}], "environment": {"A": 1.5}})
def test_any_body_is_either_read_or_refused_by_name(fields: dict[str, Any]) -> None:
    body = {**PLAIN, **fields}
    if missing_in(body):
        return
    named, request, made = None, None, None
    try:
        request = read_request(body, json.dumps(body).encode())
        made = sandbox_of(request, delete=Deletion.ALWAYS, keep_s=0.0)
    except InvalidRequest as error:
        named = error.field
    assert named or made
    if request is None or made is None:
        return
    assert all("/" not in transfer.target for transfer in made.stage_in)
    assert all("/" not in transfer.source for transfer in made.stage_out)
    below = f"{request.jobdir.rstrip('/')}/"
    assert all(transfer.target.startswith(below) for transfer in made.stage_out)
