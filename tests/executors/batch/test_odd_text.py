"""What users name in a scheduler's JSON and no text can hold is not passed on."""

import json
from collections.abc import Callable, Sequence

import pytest

from headway.executors.batch.command import Output
from headway.executors.batch.native import NativeJob
from headway.executors.lsf.dialect import LsfDialect
from headway.executors.pbs.dialect import PbsDialect

ODD = "a\ud800é"


def by_pbs() -> Sequence[NativeJob]:
    job = {"Job_Name": ODD, "job_state": "R", "Variable_List": {"PBS_O_WORKDIR": f"/{ODD}"}}
    told = {"pbs_version": "23", "Jobs": {"1.s": job}}
    return PbsDialect().listed(Output(stdout=json.dumps(told).encode()))


def by_lsf() -> Sequence[NativeJob]:
    job = {"JOBID": "1", "STAT": "RUN", "JOB_NAME": ODD, "SUB_CWD": f"/{ODD}"}
    told = {"COMMAND": "bjobs", "JOBS": 1, "RECORDS": [job]}
    return LsfDialect().listed(Output(stdout=json.dumps(told).encode()))


@pytest.mark.parametrize("listed", [by_pbs, by_lsf])
def test_half_a_surrogate_pair_becomes_a_question_mark(
    listed: Callable[[], Sequence[NativeJob]],
) -> None:
    (job,) = listed()
    assert (job.name, job.directory) == ("a?é", "/a?é")
