"""Jobs that their own commands have submitted: which id is theirs, and which row."""

from datetime import UTC, datetime, timedelta

import pytest

from headway.core.model.names import NativeId
from headway.executors.batch.dialect import Dialect
from headway.executors.batch.entries import Followed
from headway.executors.batch.native import NativeJob
from headway.executors.lsf.dialect import LsfDialect
from headway.executors.pbs.dialect import PbsDialect
from headway.executors.sge.dialect import SgeDialect
from headway.executors.slurm.dialect import SlurmDialect

_AT = datetime(2026, 1, 1, 12, tzinfo=UTC)
_OURS = Followed(NativeId("12"), _AT, "")


@pytest.mark.parametrize(
    ("dialect", "text", "native_id"),
    [
        (SlurmDialect(), "Submitted batch job 7\nSubmitted batch job 12\nbye\n", "12"),
        (SlurmDialect(), "JOBID: Submitted batch job 12 on cluster b", "12"),
        (SlurmDialect(), "12\n", None),
        (SlurmDialect(), "", None),
        (LsfDialect(), "Job <7> is submitted to queue <a>.\nJob <12> is submitted to default queue <b>.", "12"),
        (LsfDialect(), "nope: No such queue. Job not submitted.", None),
        (PbsDialect(), "preparing 1.2\n12.pbs1\n", "12.pbs1"),
        (PbsDialect(), "2[].pbs1\n", "2[].pbs1"),
        (PbsDialect(), "took 1.5 s\n", None),
        (SgeDialect(), 'Your job 12 ("sleep") has been submitted\n', "12"),
        (SgeDialect(), 'Your job-array 12.1-3:1 ("a") has been submitted\n', "12"),
    ],
)  # fmt: skip
def test_the_last_id_in_the_schedulers_own_words_is_found(
    dialect: Dialect, text: str, native_id: str | None
) -> None:
    assert dialect.printed(text) == native_id


@pytest.mark.parametrize(
    ("row", "is_ours"),
    [
        (NativeJob(id=NativeId("12"), submitted=_AT - timedelta(seconds=40)), True),
        (NativeJob(id=NativeId("12")), True),
        (NativeJob(id=NativeId("13"), submitted=_AT), False),
        (NativeJob(id=NativeId("12"), submitted=_AT + timedelta(hours=1)), False),
        (NativeJob(id=NativeId("12"), submitted=_AT - timedelta(days=9)), False),
    ],
)
def test_a_job_of_the_same_id_from_another_time_is_a_strangers(
    row: NativeJob, is_ours: bool
) -> None:
    assert _OURS.is_this(row) is is_ours
