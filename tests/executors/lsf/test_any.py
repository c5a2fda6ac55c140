"""Rules that hold for any name, tag and cut."""

import re
import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.rigs.recorded import Recording, recordings

from headway.core.errors import ExecutorUnavailable
from headway.executors.batch.command import Output
from headway.executors.lsf import names
from headway.executors.lsf.dialect import LsfDialect

RECORDED = Path(__file__).parent / "recorded"
LISTINGS = [*recordings(RECORDED, "bjobs-wide-*"), *recordings(RECORDED, "ibm-bjobs-json*")]
TEXTS = [*recordings(RECORDED, "b*-long-*"), *recordings(RECORDED, "ibm-bhist-*")]


@given(name=st.text())
def test_any_name_becomes_one_that_lsf_takes(name: str) -> None:
    assert re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._-]*", names.job_name(name))


@given(name=st.text(string.ascii_letters + string.digits, min_size=1, max_size=100))
def test_a_name_that_lsf_takes_is_kept(name: str) -> None:
    assert names.job_name(name) == name


@given(tag=st.text(min_size=1), name=st.text())
def test_any_mark_comes_back_from_a_name_and_a_description(tag: str, name: str) -> None:
    mark = names.mark_of(tag)
    assert names.named_mark(names.marked_name(mark, name))[0] == mark
    assert names.described_mark(mark) == mark


@given(tags=st.lists(st.text(min_size=1), min_size=2, max_size=2, unique=True))
def test_no_two_tags_have_one_mark(tags: list[str]) -> None:
    assert names.mark_of(tags[0]) != names.mark_of(tags[1])


@given(data=st.data())
def test_half_a_listing_never_ends_a_job_that_the_whole_one_does_not(data: st.DataObject) -> None:
    recorded = data.draw(st.sampled_from(LISTINGS))
    dialect = LsfDialect(flavour="ibm" if recorded.name.startswith("ibm") else "classic")
    read = dialect.sources[0].read if "unknown" in recorded.name else dialect.listed
    whole = {job.id: job for job in read(recorded.output)}
    cut = data.draw(st.integers(0, len(recorded.output.stdout)))
    try:
        part = read(
            Output(
                stdout=recorded.output.stdout[:cut],
                stderr=recorded.output.stderr,
                exit_code=recorded.output.exit_code,
            )
        )
    except ExecutorUnavailable:
        return
    assert all(job == whole[job.id] for job in part)


@given(data=st.data())
def test_half_a_text_never_tells_a_wrong_end(data: st.DataObject) -> None:
    recorded = data.draw(st.sampled_from(TEXTS))
    dialect = LsfDialect(flavour="classic")
    source = dialect.sources[0 if "bhist" in recorded.name else 1]
    (whole,) = source.read(recorded.output)
    cut = data.draw(st.integers(0, len(recorded.output.stdout)))
    try:
        part = source.read(Output(stdout=recorded.output.stdout[:cut]))
    except ExecutorUnavailable:
        return
    for job in part:
        if job.state is not None and job.state.is_final:
            assert job.state is whole.state
            assert job.exit_code in {None, whole.exit_code}
            assert job.signal in {None, whole.signal}


@given(stdout=st.binary(max_size=300), stderr=st.binary(max_size=100), code=st.integers(0, 255))
def test_any_bytes_are_read_or_refused(stdout: bytes, stderr: bytes, code: int) -> None:
    output = Output(stdout=stdout, stderr=stderr, exit_code=code)
    for flavour in ("ibm", "classic"):
        dialect = LsfDialect(flavour=flavour)
        for read in (dialect.listed, *(each.read for each in dialect.sources)):
            try:
                read(output)
            except ExecutorUnavailable:
                continue


@pytest.mark.parametrize("recorded", LISTINGS, ids=[each.name for each in LISTINGS])
def test_a_listing_with_another_exit_code_is_none(recorded: Recording) -> None:
    dialect = LsfDialect(flavour="ibm" if recorded.name.startswith("ibm") else "classic")
    with pytest.raises(ExecutorUnavailable):
        dialect.listed(Output(stdout=recorded.output.stdout, exit_code=1))
