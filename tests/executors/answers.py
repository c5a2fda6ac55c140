"""What a scheduler's answers to a submission and to a cancel mean: the same tests for each, on what it was seen to answer."""

from collections.abc import Callable, Sequence
from typing import ClassVar, Final

import pytest

from headway.core.errors import ExecutorRejected, ExecutorUnavailable, InvalidRequest
from headway.core.model.names import NativeId
from headway.executors.batch.command import Output
from headway.executors.batch.dialect import Dialect

_TABLES: Final = ("taken", "refused", "later", "harmless", "denied", "unheard", "strange")


class Answers:
    """Subclass it, and give the answers.

    Attributes:
        make: makes the dialect.
        taken: submissions that were taken, with the ids.
        refused: those that were refused for good, with a word of why.
        later: those that were refused for now, or of which nothing is known.
        cut: an answer with an id, of which no part tells one.
        harmless: cancels after which there is nothing left to end.
        denied: those that are not ours, with a word of why.
        unheard: those that did not arrive.
        strange: what is no id, or more than one job's.
    """

    make: ClassVar[Callable[[], Dialect]]
    taken: ClassVar[Sequence[tuple[Output, str]]]
    refused: ClassVar[Sequence[tuple[Output, str]]]
    later: ClassVar[Sequence[Output]]
    cut: ClassVar[bytes]
    harmless: ClassVar[Sequence[Output]]
    denied: ClassVar[Sequence[tuple[Output, str]]]
    unheard: ClassVar[Sequence[Output]]
    strange: ClassVar[Sequence[Sequence[str]]]

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Have each answer be a test of its own."""
        tables = {name: getattr(self, name) for name in _TABLES} | {"length": range(len(self.cut))}
        for name in tables.keys() & set(metafunc.fixturenames):
            metafunc.parametrize(name, list(tables[name]))

    @pytest.fixture
    def dialect(self) -> Dialect:
        """Give one that knows nothing yet."""
        return type(self).make()

    def test_an_id_is_read(self, dialect: Dialect, taken: tuple[Output, str]) -> None:
        assert dialect.submitted(taken[0]) == taken[1]

    def test_a_refusal_is_told_in_the_schedulers_words(
        self, dialect: Dialect, refused: tuple[Output, str]
    ) -> None:
        with pytest.raises(ExecutorRejected, match=refused[1]):
            dialect.submitted(refused[0])

    def test_a_refusal_for_now_is_none(self, dialect: Dialect, later: Output) -> None:
        with pytest.raises(ExecutorUnavailable):
            dialect.submitted(later)

    def test_half_an_id_is_none(self, dialect: Dialect, length: int) -> None:
        with pytest.raises(ExecutorUnavailable):
            dialect.submitted(Output(stdout=self.cut[:length]))

    def test_jobs_that_have_ended_or_are_not_known_need_no_end(
        self, dialect: Dialect, harmless: Output
    ) -> None:
        dialect.cancelled(harmless)

    def test_a_job_that_is_not_ours_to_end_is_told(
        self, dialect: Dialect, denied: tuple[Output, str]
    ) -> None:
        with pytest.raises(ExecutorRejected, match=denied[1]):
            dialect.cancelled(denied[0])

    def test_a_cancel_that_was_not_heard_is_told(self, dialect: Dialect, unheard: Output) -> None:
        with pytest.raises(ExecutorUnavailable):
            dialect.cancelled(unheard)

    def test_what_is_no_id_of_one_job_ends_none(
        self, dialect: Dialect, strange: Sequence[str]
    ) -> None:
        with pytest.raises(InvalidRequest):
            dialect.cancel([NativeId(each) for each in strange])
