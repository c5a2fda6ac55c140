"""A scheduler's own options that would have a job's output go elsewhere are refused, with the attribute's whole name."""

import pytest

from headway.core.errors import InvalidRequest
from headway.core.model.spec import Attributes, Resources
from headway.executors.batch.dialect import Dialect
from headway.executors.batch.request import Request
from headway.executors.lsf.dialect import LsfDialect
from headway.executors.pbs.dialect import PbsDialect
from headway.executors.sge.dialect import SgeDialect
from headway.executors.slurm.dialect import SlurmDialect


def request(name: str, value: str) -> Request:
    return Request(
        mark="hw-x.1",
        name="n",
        script="/s",
        output="/o",
        directory="/d",
        resources=Resources(),
        attributes=Attributes(),
        native={name: value},
    )


@pytest.mark.parametrize(
    ("dialect", "names"),
    [
        (SlurmDialect(), ["output", "error", "outp", "err", "open-mode", "chdir", "workdir"]),
        (LsfDialect(), ["o", "oo", "e", "eo", "outdir", "cwd"]),
        (PbsDialect(), ["o", "e", "j", "k", "R"]),
        (SgeDialect(), ["o", "e", "j", "wd", "cwd"]),
    ],
    ids=lambda each: each.name if hasattr(each, "name") else "",
)
def test_what_would_move_a_jobs_log_is_refused_by_name(dialect: Dialect, names: list[str]) -> None:
    for name in names:
        with pytest.raises(InvalidRequest) as refused:
            dialect.submit(request(name, "/x"))
        assert f"{dialect.name}.{name}" in str(refused.value)
        assert refused.value.field == f"attributes.custom_attributes.{dialect.name}.{name}"


@pytest.mark.parametrize("value", ["Output_Path=h:/x", "umask=22,error_path=/x", "Keep_Files=oe"])
def test_pbs_attributes_that_would_move_it_are_refused_too(value: str) -> None:
    with pytest.raises(InvalidRequest, match=r"pbs\.W: Headway sets"):
        PbsDialect().submit(request("W", value))
