"""The mark is the end of a job's name, and every name that a user gives becomes one that Grid Engine takes."""

import re
import uuid

from hypothesis import example, given
from hypothesis import strategies as st

from headway.executors.sge.dialect import SgeDialect
from headway.executors.sge.names import job_name, mark_in

TAG = "0199a1b2-c3d4-7e5f-8a9b-0123456789ab.1"
TAGS = st.builds(lambda each, no: f"{each}.{no}", st.uuids(), st.integers(1, 10**9 - 1))

mark = SgeDialect().mark


def test_a_mark_is_the_tag_itself_so_that_people_can_look_for_it() -> None:
    assert mark(TAG) == f"hw.{TAG}"


def test_what_a_user_calls_a_job_stays_in_front() -> None:
    assert job_name("align-3", mark(TAG)) == f"align-3.hw.{TAG}"


def test_a_job_without_a_name_has_its_mark_alone() -> None:
    assert job_name("", mark(TAG)) == mark(TAG)
    assert mark_in(mark(TAG)) == mark(TAG)


def test_letters_keep_what_is_ascii_of_them() -> None:
    assert job_name("Größe café", mark(TAG)).startswith("Groe_cafe.hw.")
    assert job_name("研究", mark(TAG)) == f"_.hw.{TAG}"


def test_a_name_never_begins_with_a_digit_or_a_minus() -> None:
    assert job_name("3d", mark(TAG)).startswith("_3d.")
    assert job_name("-pe", mark(TAG)).startswith("_-pe.")


@given(st.text(), TAGS)
@example("hw.0199a1b2-c3d4-7e5f-8a9b-000000000001.1", TAG)
@example("NONE", TAG)
def test_every_name_becomes_one_that_is_taken_and_gives_its_mark_back(name: str, tag: str) -> None:
    made = job_name(name, mark(tag))
    assert re.fullmatch(r"[A-Za-z_][!-~]*", made)
    assert not set(made) & set("/:@\\*?<>&\"'`$|")
    assert len(made) <= 512
    assert mark_in(made) == mark(tag)


@given(st.text(), st.text())
def test_two_tags_never_have_one_mark(one: str, other: str) -> None:
    assert (mark(one) == mark(other)) == (one == other)
    assert mark_in(mark(one)) == mark(one)


@given(st.text().filter(lambda text: "hw." not in text))
def test_other_peoples_names_have_no_mark(name: str) -> None:
    assert not mark_in(name)


def test_a_name_that_only_looks_like_a_mark_has_none() -> None:
    assert not mark_in(f"hw.{TAG} ")
    assert not mark_in(f"hw.{uuid.UUID(int=1)}.")
    assert not mark_in(f"xhw.{TAG}")
