"""Rules that hold for any name, tag and cut."""

import re
import string
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from tests.rigs.recorded import recordings

from headway.core.errors import ExecutorUnavailable, InvalidRequest
from headway.executors.batch.command import Output
from headway.executors.batch.request import Elements
from headway.executors.pbs import names
from headway.executors.pbs.dialect import PbsDialect
from headway.executors.pbs.submission import array_range

RECORDED = Path(__file__).parent / "recorded"
ALIVE = recordings(RECORDED, "qstat-*-alive")
ENDED = recordings(RECORDED, "qstat-json-[ef]*ed")


@given(name=st.text())
def test_any_name_becomes_one_that_pbs_takes(name: str) -> None:
    assert re.fullmatch(r"[A-Za-z][A-Za-z0-9._+-]{0,229}", names.job_name(name))


@given(name=st.text(string.ascii_letters, min_size=1, max_size=200))
def test_a_name_that_pbs_takes_is_kept(name: str) -> None:
    assert names.job_name(name) == name


@given(tags=st.lists(st.text(min_size=1), min_size=2, max_size=2, unique=True))
def test_no_two_tags_have_one_mark_and_all_are_plain_words(tags: list[str]) -> None:
    first, second = map(names.mark_of, tags)
    assert first != second
    assert re.fullmatch(r"hw-[A-Za-z0-9._-]+", first)


@given(indices=st.sets(st.integers(0, 60), min_size=1, max_size=8))
def test_any_range_of_an_array_names_its_indices_and_no_others(indices: set[int]) -> None:
    try:
        found = array_range(Elements(indices=tuple(indices)))
    except InvalidRequest:
        assert len({b - a for a, b in zip(sorted(indices), sorted(indices)[1:], strict=False)}) > 1
        return
    first, last, step = re.fullmatch(r"(\d+)-(\d+)(?::(\d+))?", found).groups()  # type: ignore[union-attr]
    assert int(first) < int(last)  # PBS refuses others
    assert set(range(int(first), int(last) + 1, int(step or 1))) == indices


@given(data=st.data())
def test_half_a_listing_is_none_or_tells_of_some_jobs_what_the_whole_one_does(
    data: st.DataObject,
) -> None:
    recorded = data.draw(st.sampled_from(ALIVE))
    dialect = PbsDialect(user="alice" if "text" in recorded.name else "")
    whole = {job.id: job for job in dialect.listed(recorded.output)}
    cut = data.draw(st.integers(0, len(recorded.output.stdout)))
    try:
        part = dialect.listed(Output(stdout=recorded.output.stdout[:cut]))
    except ExecutorUnavailable:
        return
    for job in part:
        if job.id in whole:
            assert job == whole[job.id]
        else:
            assert job.state is not None
            assert not job.state.is_final


@given(data=st.data())
def test_half_an_answer_about_ended_jobs_is_none(data: st.DataObject) -> None:
    recorded = data.draw(st.sampled_from(ENDED))
    source = PbsDialect().sources[0]
    whole = list(source.read(recorded.output))
    cut = data.draw(st.integers(0, len(recorded.output.stdout)))
    try:
        part = list(source.read(Output(stdout=recorded.output.stdout[:cut])))
    except ExecutorUnavailable:
        return
    assert part == whole


@given(stdout=st.binary(max_size=300), stderr=st.binary(max_size=100), code=st.integers(0, 255))
def test_any_bytes_are_read_or_refused(stdout: bytes, stderr: bytes, code: int) -> None:
    output = Output(stdout=stdout, stderr=stderr, exit_code=code)
    for dialect in (PbsDialect(), PbsDialect(user="alice")):
        for read in (dialect.listed, *(each.read for each in dialect.sources)):
            try:
                read(output)
            except ExecutorUnavailable:
                continue
