"""A real Grid Engine, asked by the dialect alone."""

import os
import signal
import uuid
from collections.abc import Sequence
from pathlib import Path

import pytest
from tests.rigs.sge import GridEngine

from headway.core.errors import ExecutorRejected, ExecutorUnavailable
from headway.core.model.names import NativeId
from headway.core.model.spec import Attributes, Resources
from headway.core.model.state import Reason, State
from headway.executors.batch.explaining import Explaining
from headway.executors.batch.here import Here
from headway.executors.batch.native import NativeJob
from headway.executors.batch.request import Elements, Request
from headway.executors.sge.dialect import SgeDialect
from headway.executors.sge.settings import Settings

ENVIRONMENT = """\
pe_name smp
slots 99
user_lists NONE
xuser_lists NONE
start_proc_args NONE
stop_proc_args NONE
allocation_rule $pe_slots
control_slaves FALSE
job_is_first_task TRUE
urgency_slots min
accounting_summary FALSE
qsort_args NONE
"""


class Cluster:
    """The dialect with its answers from a real cluster, and a place for scripts."""

    def __init__(self, engine: GridEngine, place: Path) -> None:
        self.engine = engine
        self.place = place
        self.dialect = SgeDialect(Settings(parallel_environment="smp"))

    def request(self, script: str, **more: object) -> Request:
        path = self.place / f"script-{uuid.uuid4().hex}"  # noqa: TID251 -- any will do
        path.write_text(f"#!/bin/sh\n{script}\n")
        given = {
            "mark": self.dialect.mark(f"{uuid.uuid4()}.1"),  # noqa: TID251
            "name": "test",
            "script": str(path),
            "output": str(self.place / "scheduler"),
            "directory": str(self.place),
            **more,
        }
        return Request(**given)  # type: ignore[arg-type]

    def submit(self, request: Request) -> NativeId:
        return self.dialect.submitted(self.engine.answer(self.dialect.submit(request)))

    def listed_all(self) -> Sequence[NativeJob]:
        return self.dialect.listed(self.engine.answer(self.dialect.listing()))

    def listed(self, mark: str) -> list[NativeJob]:
        return [row for row in self.listed_all() if row.mark == mark]

    def until(self, mark: str, state: State, reason: Reason | None = None) -> NativeJob:
        found: list[NativeJob] = []

        def is_so() -> bool:
            found[:] = self.listed(mark)
            return any((each.state, each.reason) == (state, reason) for each in found)

        self.engine.wait(is_so, f"a job to be {state} {reason}")
        return next(each for each in found if each.state is state)

    def until_gone(self, mark: str) -> None:
        self.engine.wait(lambda: not self.listed(mark), "a job to leave the listing")

    def ended(self, ids: Sequence[NativeId], mark: str) -> list[NativeJob]:
        accounting = self.dialect.sources[0]
        found: list[NativeJob] = []

        def is_so() -> bool:
            try:
                rows = accounting.read(self.engine.answer(accounting.ask(ids)))
            except ExecutorUnavailable:  # before any job has ended there is no file
                return False
            found[:] = [row for row in rows if row.mark == mark]
            return bool(found)

        self.engine.wait(is_so, "a job to be in the accounting")
        return found

    def details(self, native_id: NativeId) -> list[str]:
        """Give what each of the places for details says of a job."""
        return [each.read(self.engine.answer(each.ask(native_id))) for each in self.dialect.details]

    def cancel(self, *ids: NativeId) -> None:
        self.dialect.cancelled(self.engine.answer(self.dialect.cancel(ids)))


@pytest.fixture
def cluster(sge: GridEngine, tmp_path: Path) -> Cluster:
    place = tmp_path / "place with blanks; 'quotes'"
    place.mkdir()
    return Cluster(sge, place)


@pytest.fixture
def smp(cluster: Cluster) -> None:
    """A parallel environment, which the cluster has not by itself."""
    if "smp" in cluster.engine.run(["qconf", "-spl"]).text.split():
        return
    path = cluster.place / "smp"
    path.write_text(ENVIRONMENT)
    cluster.engine.ask("qconf", "-Ap", str(path))
    cluster.engine.ask("qconf", "-aattr", "queue", "pe_list", "smp", "all.q")


def test_it_tells_its_version(cluster: Cluster) -> None:
    output = cluster.engine.answer(cluster.dialect.version())
    assert cluster.dialect.read_version(output) == "8.1.9"


def test_a_job_is_found_by_its_mark_while_it_runs_and_by_the_accounting_after(
    cluster: Cluster,
) -> None:
    go = cluster.place / "go"
    os.mkfifo(go)
    request = cluster.request("read line <go; exit 3", name="größe/<1>")
    native_id = cluster.submit(request)
    running = cluster.until(request.mark, State.RUNNING)
    assert (running.id, running.name) == (native_id, f"groe__1_.{request.mark}")
    go.write_text("\n")
    [job] = cluster.ended([native_id], request.mark)
    assert (job.state, job.reason, job.exit_code) == (State.FAILED, Reason.NONZERO_EXIT, 3)
    assert job.name == f"groe__1_.{request.mark}"
    assert job.id == native_id
    assert cluster.listed(request.mark) == []


def test_details_of_a_job_are_with_the_queue_while_it_runs_and_with_the_accounting_after(
    cluster: Cluster,
) -> None:
    go = cluster.place / "go"
    os.mkfifo(go)
    request = cluster.request("read line <go; exit 3")
    native_id = cluster.submit(request)
    cluster.until(request.mark, State.RUNNING)
    queue, kept = cluster.details(native_id)
    assert f"context:                    headway={request.mark}" in queue
    assert kept == ""
    go.write_text("\n")
    cluster.ended([native_id], request.mark)
    queue, kept = cluster.details(native_id)
    assert queue == ""
    assert ["exit_status", "3"] in [line.split() for line in kept.splitlines()]


def test_details_of_an_arrays_task_are_its_own_in_the_accounting(cluster: Cluster) -> None:
    request = cluster.request("exit $SGE_TASK_ID", elements=Elements(indices=(0, 1)))
    array = cluster.submit(request)
    ids = [cluster.dialect.element(array, index) for index in (0, 1)]
    cluster.engine.wait(lambda: len(cluster.ended(ids, request.mark)) == len(ids), "both to end")
    _, kept = cluster.details(ids[1])
    codes = [line.split()[1] for line in kept.splitlines() if line.startswith("exit_status")]
    assert codes == ["2"]


def test_a_running_job_tells_what_it_asked_for(cluster: Cluster, smp: None) -> None:
    request = cluster.request(
        "sleep 600",
        resources=Resources(cpu_cores_per_process=2, memory=1 << 20),
        attributes=Attributes(duration=3600, queue_name="all.q"),
    )
    native_id = cluster.submit(request)
    job = cluster.until(request.mark, State.RUNNING)
    assert job.id == native_id
    assert job.asked == {
        "cores": "2",
        "parallel environment": "smp",
        "memory": "1M",
        "wall time": "1:00:00",
    }
    details = cluster.dialect.sources[1]
    [more] = details.read(cluster.engine.answer(details.ask([native_id])))
    assert (more.mark, more.directory) == (request.mark, request.directory)
    assert (more.log, more.state) == (request.output, State.RUNNING)
    cluster.cancel(native_id)
    [end] = cluster.ended([native_id], request.mark)
    # The warning has ended it: what turns that into SIGTERM is the wrapper, which this job has not.
    assert (end.state, end.reason, end.signal) == (State.FAILED, Reason.SIGNAL, signal.SIGUSR2)


def test_an_arrays_tasks_find_their_number_and_are_told_with_our_index(cluster: Cluster) -> None:
    variables = cluster.dialect.variables
    request = cluster.request(
        f'echo "${variables.job_id}.${variables.index}" | tee -a found; sleep 600',
        elements=Elements(indices=(0, 2, 4), at_once=2),
    )
    native_id = cluster.submit(request)
    found = cluster.place / "found"
    cluster.engine.wait(lambda: found.exists() and found.read_text().count("\n") == 2, "two tasks")
    assert sorted(found.read_text().split()) == [f"{native_id}.1", f"{native_id}.3"]
    words = [Path(f"{request.output}.{task}").read_text() for task in (1, 3)]
    assert words == [f"{native_id}.1\n", f"{native_id}.3\n"]  # as is said of Request.output
    rows = {row.index: row for row in cluster.listed(request.mark)}
    assert sorted(index for index in rows if index is not None) == [0, 2, 4]
    assert rows[4].state is State.QUEUED
    assert {row.array for row in rows.values()} == {native_id}
    cluster.cancel(rows[4].id)
    cluster.engine.wait(lambda: len(cluster.listed(request.mark)) == 2, "a task to go")
    cluster.cancel(native_id)
    cluster.until_gone(request.mark)
    cluster.engine.wait(lambda: len(cluster.ended([native_id], request.mark)) == 2, "two records")
    assert {row.index for row in cluster.ended([native_id], request.mark)} == {0, 2}


def test_a_job_that_is_in_no_array_has_the_index_that_means_none(cluster: Cluster) -> None:
    variables = cluster.dialect.variables
    request = cluster.request(f'echo "${variables.index} ${variables.restarts}" >found')
    native_id = cluster.submit(request)
    cluster.ended([native_id], request.mark)
    assert (cluster.place / "found").read_text() == f"{variables.unset} 0\n"


def test_a_job_that_waits_for_another_starts_also_when_that_has_failed(cluster: Cluster) -> None:
    first = cluster.request("sleep 600")
    first_id = cluster.submit(first)
    second = cluster.request("exit 0", native={"hold_jid": first_id})
    second_id = cluster.submit(second)
    job = cluster.until(second.mark, State.QUEUED, Reason.DEPENDENCY)
    assert job.why == f"it waits for job {first_id} to end"
    cluster.cancel(first_id)
    [end] = cluster.ended([second_id], second.mark)
    assert end.state is State.SUCCEEDED


@pytest.mark.anyio
async def test_a_job_whose_directory_is_gone_is_held_with_the_reason(cluster: Cluster) -> None:
    request = cluster.request("exit 0", directory=str(cluster.place / "gone"))
    native_id = cluster.submit(request)
    listed = cluster.until(request.mark, State.QUEUED, Reason.HELD)
    here = Here({}, {**os.environ, **cluster.engine.environment}, timeout_s=30.0)  # noqa: TID251
    [explained] = await Explaining(cluster.dialect, here).of([listed])
    await here.close()
    assert "qmod -cj" in explained.why
    assert "No such file or directory" in explained.why
    details = cluster.dialect.sources[1]
    [job] = details.read(cluster.engine.answer(details.ask([native_id])))
    assert job.reason is Reason.HELD
    assert "can't chdir to" in job.why
    cluster.cancel(native_id)
    cluster.until_gone(request.mark)


def test_a_job_that_is_out_of_time_is_told_so(cluster: Cluster) -> None:
    request = cluster.request("sleep 600", attributes=Attributes(duration=1))
    native_id = cluster.submit(request)
    [end] = cluster.ended([native_id], request.mark)
    assert (end.state, end.reason) == (State.FAILED, Reason.TIMEOUT)


def test_a_job_that_was_put_back_runs_on_and_its_first_record_is_no_end(cluster: Cluster) -> None:
    request = cluster.request(
        "echo >>starts; [ $RESTARTED = 1 ] && exit 7; sleep 600", native={"r": "y"}
    )
    native_id = cluster.submit(request)
    starts = cluster.place / "starts"
    cluster.until(request.mark, State.RUNNING)
    cluster.engine.wait(starts.exists, "its first start")
    cluster.engine.ask("qmod", "-rj", native_id)
    cluster.engine.wait(
        lambda: any(row.state is not None for row in cluster.ended([native_id], request.mark)),
        "its second end",
    )
    [end] = cluster.ended([native_id], request.mark)
    assert (end.state, end.exit_code) == (State.FAILED, 7)


def test_what_is_deleted_while_it_waits_leaves_no_record(cluster: Cluster) -> None:
    request = cluster.request("exit 0", native={"h": ""})
    native_id = cluster.submit(request)
    cluster.until(request.mark, State.QUEUED, Reason.HELD)
    cluster.cancel(native_id)
    cluster.until_gone(request.mark)
    for source in cluster.dialect.sources:
        assert source.read(cluster.engine.answer(source.ask([native_id]))) == []


def test_ended_and_unknown_jobs_are_no_error_to_cancel(cluster: Cluster) -> None:
    request = cluster.request("exit 0")
    native_id = cluster.submit(request)
    cluster.ended([native_id], request.mark)
    cluster.cancel(native_id, NativeId("99999999"), NativeId(f"{native_id}.3"))


@pytest.mark.parametrize(
    "attributes",
    [Attributes(queue_name="nosuch"), Attributes(account="nosuch"), Attributes(reservation_id="9")],
)
def test_what_is_not_there_is_refused_for_good(cluster: Cluster, attributes: Attributes) -> None:
    with pytest.raises(ExecutorRejected):
        cluster.submit(cluster.request("exit 0", attributes=attributes))


def test_every_character_of_a_name_is_taken_or_replaced(cluster: Cluster) -> None:
    every = "".join(map(chr, range(1, 384)))
    names = [every[start : start + 64] for start in range(0, len(every), 64)]
    requests = [cluster.request("exit 0", name=name, native={"h": ""}) for name in names]
    ids = {each.mark: cluster.submit(each) for each in requests}
    rows = {row.mark: row.id for row in cluster.listed_all()}
    assert {mark: rows[mark] for mark in ids} == ids
    cluster.cancel(*ids.values())


def test_a_qmaster_that_is_away_is_no_answer_to_anything(cluster: Cluster) -> None:
    request = cluster.request("exit 0", native={"h": ""})
    native_id = cluster.submit(request)
    cluster.engine.kill_qmaster()
    with pytest.raises(ExecutorUnavailable):
        cluster.listed(request.mark)
    with pytest.raises(ExecutorUnavailable):
        cluster.submit(cluster.request("exit 0"))
    with pytest.raises(ExecutorUnavailable):
        cluster.cancel(native_id)
    details = cluster.dialect.sources[1]
    with pytest.raises(ExecutorUnavailable):
        details.read(cluster.engine.answer(details.ask([native_id])))
    cluster.engine.mend()
    cluster.cancel(native_id)
