"""Why a job is where it is, in words."""

import re
from datetime import timedelta
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from headway.core.model.job import Attempt, CancelRequest, JobError, Kind, Usage
from headway.core.model.names import Cluster, NativeId
from headway.core.model.spec import Attributes, Resources, Spec
from headway.core.model.state import Reason, State, pairs
from headway.core.ports.executor import Explanation
from headway.testing.fakes import NOON
from headway.testing.samples import a_command
from headway.views.headlines import HEADLINES
from headway.views.standing import Known
from headway.views.why import Words, why_words
from headway.views.words import SIGNALS

GIB: Final = 1 << 30
SENTENCE: Final = re.compile(r"[A-Z0-9'\"].*[.!?…]", re.DOTALL)


def why(scheduler: str = "slurm", native: Explanation | None = None, **fields: Any) -> Words:
    names = ("attempt_said", "trouble", "elements", "comes_after", "runs_as")
    said = {name: fields.pop(name) for name in names if name in fields}
    job = replace(a_command(), **{"number": 42, "cluster": Cluster("hpc"), **fields})
    return why_words(
        Known(
            job=job,
            kind=scheduler,
            native=native,
            attempt=said.get("attempt_said"),
            trouble=said.get("trouble", ""),
            elements=said.get("elements", {}),
            comes_after=said.get("comes_after", ()),
            runs_as=said.get("runs_as", ""),
        )
    )


def waits(reason: str, scheduler: str = "slurm", **more: Any) -> Words:
    native = Explanation(word="PENDING", why=reason, at=NOON, **more)
    return why(scheduler, native, state=State.QUEUED, native_id=NativeId("77"))


def asked(resources: Resources | None = None, *, duration_s: float | None = None) -> Spec:
    attributes = Attributes(duration=duration_s)
    return Spec(command=("x",), resources=resources or Resources(), attributes=attributes)


def failed(reason: Reason, **fields: Any) -> Words:
    return why(state=State.FAILED, reason=reason, **fields)


@pytest.mark.parametrize(
    ("reason", "message", "told"),
    [
        (Reason.EXCEPTION, "no beam", "It says: no beam."),
        (
            Reason.STAGING_FAILED,
            "result.csv: there is no such file",
            "The copying says: result.csv: there is no such file.",
        ),
        (Reason.NOT_STARTED, "the executable is not there", "The executable is not there."),
    ],
)
def test_a_files_name_and_a_programs_words_stay_as_they_are_written(
    reason: Reason, message: str, told: str
) -> None:
    assert told in failed(reason, error=JobError(type="X", message=message)).words


@pytest.mark.parametrize(("state", "reason"), pairs())
@pytest.mark.parametrize("kind", [Kind.COMMAND, Kind.REPORT])
@pytest.mark.parametrize("scheduler", ["", "local", "slurm"])
def test_there_are_words_for_every_state_and_reason(
    state: State, reason: Reason | None, kind: Kind, scheduler: str
) -> None:
    said = why(scheduler, state=state, reason=reason, kind=kind)
    assert SENTENCE.fullmatch(said.headline)
    assert all(SENTENCE.fullmatch(each) for each in said.words)
    assert "{" not in said.headline + (said.advice or "")
    assert said.advice is None or "\n" not in said.advice


def test_the_table_of_headlines_is_the_models_and_no_two_are_the_same() -> None:
    assert set(HEADLINES) == set(pairs())
    assert len(set(HEADLINES.values())) == len(HEADLINES)


#: What schedulers were seen to say, or are documented to; and how the job then stands.
REASONS: Final = (
    ("slurm", "Resources: it waits for nodes to become free", "until there is room"),
    ("slurm", "Priority: jobs with a higher priority come first", "Others come before it"),
    ("slurm", "PartitionConfig: it asks for more than any node has", "never start as it is"),
    ("slurm", "PartitionTimeLimit: longer than the partition's", "its wall time is longer"),
    ("slurm", "PartitionNodeLimit", "more or fewer nodes"),
    ("slurm", "QOSMaxJobsPerUserLimit", "as much runs as a limit allows"),
    ("slurm", "QOSMaxCpuPerUserLimit", "as much runs as a limit allows"),
    ("slurm", "AssocGrpCpuLimit", "as much runs as a limit allows"),
    ("slurm", "JobArrayTaskLimit", "as much runs as a limit allows"),
    ("slurm", "QOSMaxCpuPerJobLimit", "asks for more than there is"),
    ("slurm", "AssocMaxWallDurationPerJobLimit", "its wall time is longer"),
    ("slurm", "QOSNotAllowed", "may not be used there"),
    ("slurm", "Dependency: it waits for another job", "waits for another job"),
    ("slurm", "DependencyNeverSatisfied: a job did not succeed", "will never start"),
    ("slurm", "ReqNodeNotAvail, UnavailableNodes:n2", "down, drained or reserved"),
    ("slurm", "JobHeldUser: its owner holds it", "until somebody releases it"),
    ("slurm", "launch failed requeued held", "until somebody releases it"),
    ("slurm", "JobHeldAdmin: an administrator holds it", "by who runs the cluster"),
    ("slurm", "BeginTime: its time to begin has not come", "has not come"),
    ("slurm", "Licenses: one is in use", "licence"),
    ("slurm", "PartitionDown: the partition is down", "its queue starts nothing now"),
    ("lsf", "New job is waiting for scheduling", "has not looked at it yet"),
    ("lsf", "The user has reached his/her job slot limit", "a limit allows"),
    ("lsf", "Job dependency condition not satisfied", "waits for another job"),
    ("lsf", "Dependency condition invalid or never satisfied", "will never start"),
    ("lsf", "Job's resource requirements not satisfied: 3 hosts", "until there is room"),
    ("lsf", "Not enough hosts to meet the job's spanning requirement", "until there is room"),
    ("lsf", "The queue is inactivated by its administrator", "its queue starts nothing now"),
    ("lsf", "Job was suspended by the user while pending", "until somebody releases it"),
    ("lsf", "Closed by LSF administrator: 3 hosts", "until there is room"),
    ("lsf", "There are no suitable hosts for the job", "No node that there is now fits"),
    ("slurm", "MaxMemPerLimit", "asks for more than there is"),
    ("pbs", "Job held by root on Sat Nov 21 23:38:18 2026", "by who runs the cluster"),
    ("pbs", "Job held by alice on Sat Nov 21 23:38:18 2026", "until somebody releases it"),
    ("pbs", "Not Running: Job is requesting an exclusive node and node is in use.", "until there is room"),
    ("pbs", "Not Running: Draining system to allow starving job to run", "come before it"),
    ("sge", "There could not be found a queue instance with suitable access permissions", "may not be used there"),
    ("sge", '(-l mem_free=9G) cannot run in queue "n1" because it offers only hl:mem_free=1G', "until there is room"),
    ("pbs", "Not Running: Insufficient amount of resource: ncpus", "until there is room"),
    ("pbs", "Not Running: Not enough free nodes available", "until there is room"),
    ("pbs", "Can Never Run: Insufficient amount of resource: ncpus", "never start as it is"),
    ("pbs", "Not Running: User has reached queue workq running job limit.", "a limit allows"),
    ("pbs", "Not Running: Queue not started.", "its queue starts nothing now"),
    ("pbs", "Not Running: Job would conflict with reservation or top job", "come before it"),
    ("sge", "it waits for 7 to end", "waits for another job"),
    ("sge", "job dropped because of job dependencies", "waits for another job"),
    ("sge", "it is held until somebody releases it", "until somebody releases it"),
    ("sge", "Grid Engine holds it until its owner clears the error (qmod -cj)", "the error"),
    ("sge", 'cannot run in PE "mpi" because it only offers 0 slots', "until there is room"),
    ("sge", 'queue instance "all.q@a" dropped because it is full', "until there is room"),
    ("sge", 'cannot run because it exceeds limit "alice/////" in rule "max/1"', "a limit"),
)  # fmt: skip


#: Several reasons at once: the gravest one comes first, wherever the scheduler puts it.
SEVERAL: Final = (
    ("slurm", "JobArrayTaskLimit,PartitionTimeLimit: as many elements run as may", "never start"),
    ("slurm", "Dependency,JobHeldUser", "until somebody releases it"),
    ("slurm", "JobArrayTaskLimit,Dependency", "waits for another job"),
    ("slurm", "Priority,Resources", "Others come before it"),
    ("lsf", "The user has reached his/her job slot limit; Job dependency condition not satisfied;", "waits for another job"),
    ("lsf", "Job dependency condition not satisfied; Job was suspended by the user while pending;", "until somebody releases it"),
    ("lsf", "The queue is inactivated; Dependency condition invalid or never satisfied;", "will never start"),
    ("lsf", "Not enough hosts; The queue is closed by its administrator", "its queue starts nothing now"),
    ("pbs", "Can Never Run: would exceed queue's per-user limit", "never start as it is"),
    ("sge", 'queue instance "a@n" dropped because it is disabled; queue instance "b@n" dropped because it is full', "until there is room"),
    ("sge", 'cannot run in queue "a" because full; job dropped because of job dependencies', "waits for another job"),
)  # fmt: skip


@pytest.mark.parametrize(("kind", "reason", "standing"), [*REASONS, *SEVERAL])
def test_a_schedulers_reason_says_how_the_job_stands(kind: str, reason: str, standing: str) -> None:
    assert standing in waits(reason, kind).headline


def test_a_job_that_can_never_start_says_so_and_what_to_do() -> None:
    said = waits("PartitionConfig: it asks for more than any node of the partition has")
    assert said.headline == "It will never start as it is: it asks for more than there is."
    assert said.words[0].startswith("Slurm says: PENDING, PartitionConfig: it asks for more")
    assert said.advice == (
        "End it and submit it again with less: headway kill 42;"
        " headway clone 42 --set resources.memory=SIZE (or another of resources.*)"
    )


def test_a_waiting_job_tells_its_place_its_start_and_what_it_asks_for() -> None:
    native = Explanation(
        word="PENDING",
        why="Priority",
        position=3,
        queue="long",
        expected_start=NOON + timedelta(hours=2, minutes=10),
        at=NOON,
    )
    resources = Resources(node_count=2, process_count=8, memory=4 * GIB, gpu_cores_per_process=1)
    spec = asked(resources, duration_s=3600)
    assert why("slurm", native, state=State.QUEUED, spec=spec).words == (
        "Slurm says: PENDING, Priority.",
        "It is number 3 in the queue.",
        "It is expected to start in about 2 h 10 min, at 2026-01-01 14:10:00 UTC; that may change.",
        "It asks for 2 nodes, 8 cores, 1 GPU for each process, 4.0 GiB of memory, 1 h 00 min of wall time, in the queue long.",
    )


def test_an_expected_start_that_has_passed_may_come_at_any_moment() -> None:
    said = waits("Resources", expected_start=NOON - timedelta(seconds=1))
    assert "It is expected to start at any moment; that may change." in said.words


@pytest.mark.parametrize(
    ("kind", "command"),
    [
        ("slurm", "scontrol release 77"),
        ("lsf", "bresume 77"),
        ("pbs", "qrls 77"),
        ("sge", "qrls 77"),
    ],
)
def test_a_held_job_names_the_command_that_releases_it(kind: str, command: str) -> None:
    held = why(kind, state=State.QUEUED, reason=Reason.HELD, native_id=NativeId("77"))
    assert held.advice == f"Release it: {command}"


def test_a_held_job_is_not_said_to_start_soon_whatever_the_scheduler_estimates() -> None:
    native = Explanation(why="launch failed requeued held", expected_start=NOON, at=NOON)
    held = why("slurm", native, state=State.QUEUED, reason=Reason.HELD)
    assert held.words == ("Slurm says: launch failed requeued held.",)


@pytest.mark.parametrize(
    ("kind", "old"),
    [
        ("pbs", "Not Running: Insufficient amount of resource: ncpus"),
        ("lsf", "The user has reached his/her job slot limit"),
        ("slurm", "Priority"),
    ],
)
def test_a_held_job_is_not_said_to_wait_for_what_it_waited_for_before(kind: str, old: str) -> None:
    native = Explanation(why=old, at=NOON)
    held = why(kind, native, state=State.QUEUED, reason=Reason.HELD, native_id=NativeId("77"))
    assert held.headline == "It is held in the queue until somebody releases it."
    assert (held.advice or "").startswith("Release it: ")


def test_a_held_job_that_could_never_start_says_that_first() -> None:
    native = Explanation(why="Can Never Run: Insufficient amount of resource", at=NOON)
    held = why("pbs", native, state=State.QUEUED, reason=Reason.HELD)
    assert held.headline.startswith("It will never start as it is")


def test_a_suspended_job_names_the_command_that_lets_it_go_on() -> None:
    said = why("pbs", state=State.RUNNING, reason=Reason.SUSPENDED, native_id=NativeId("7.srv"))
    assert said.advice == "Let it go on: qsig -s resume 7.srv"


def test_what_the_server_says_of_a_cluster_that_is_away_comes_first() -> None:
    trouble = "squeue did not end within 5 s on this machine, and was killed"
    said = why(state=State.ACCEPTED, reason=Reason.EXECUTOR_DOWN, trouble=trouble)
    assert said.headline == (
        "The cluster hpc does not answer; it is sent there as soon as it does."
    )
    assert said.words == (f"Of the cluster hpc the server says: {trouble}.",)
    assert said.advice == "Nothing of it is lost; headway doctor says how the cluster is."


def test_a_scheduler_that_says_nothing_now_is_taken_by_its_last_word() -> None:
    attempt = attempt_of(state=State.QUEUED, native_state="PENDING", message="Resources")
    said = why(state=State.QUEUED, attempt_said=attempt)
    assert said.headline == "It waits until there is room for it."
    assert said.words == ("Slurm says: PENDING, Resources.",)


def attempt_of(**fields: Any) -> Attempt:
    return Attempt(job=a_command().id, no=1, cluster=Cluster("hpc"), **fields)


def test_a_signal_is_named_and_explained() -> None:
    said = failed(Reason.SIGNAL, signal=11, attempt_said=attempt_of(host="n7"))
    assert said.headline == "It was killed by signal 11 (SIGSEGV)."
    assert "memory that is not its own" in said.words[0]
    assert said.words[-1] == "It ran on n7."
    assert said.advice == (
        "See what it wrote (headway logs 42), mend that, and run it again: headway retry 42"
    )


def test_sigkill_is_most_often_memory_and_more_of_it_is_advised() -> None:
    usage = Usage(max_memory_bytes=3 * GIB)
    said = failed(Reason.SIGNAL, signal=9, usage=usage, spec=asked(Resources(memory=4 * GIB)))
    assert said.headline == "It was killed by signal 9 (SIGKILL)."
    assert said.words == (
        "Nothing can catch this signal; a machine or scheduler that has no memory left most often sends it.",
        "Its largest process used 3.0 GiB of memory, and it had asked for 4.0 GiB in all.",
    )
    assert said.advice == "Ask for more memory: headway clone 42 --set resources.memory=8G"


@pytest.mark.parametrize("asked_bytes", [None, 4 * GIB])
def test_sigkill_of_a_job_that_used_little_is_not_taken_for_want_of_memory(
    asked_bytes: int | None,
) -> None:
    usage = Usage(max_memory_bytes=12 << 20)
    said = failed(Reason.SIGNAL, signal=9, usage=usage, spec=asked(Resources(memory=asked_bytes)))
    assert said.words[1].startswith("Its largest process used 12.0 MiB of memory")
    assert "headway retry 42" in (said.advice or "")


def test_a_shell_that_tells_of_sigkill_is_understood() -> None:
    said = failed(Reason.NONZERO_EXIT, exit_code=137, usage=Usage(max_memory_bytes=300 << 20))
    assert said.headline == "It ended with exit code 137."
    assert said.words[0].startswith("Exit code 137 is how a shell says that SIGKILL ended")
    assert said.advice == "Ask for more memory: headway clone 42 --set resources.memory=600M"


@pytest.mark.parametrize(("code", "meaning"), [(127, "not found"), (126, "could not be executed")])
def test_exit_codes_that_a_shell_gives_are_explained(code: int, meaning: str) -> None:
    assert meaning in failed(Reason.NONZERO_EXIT, exit_code=code).words[0]


def test_an_exit_code_of_the_programs_own_is_left_alone() -> None:
    assert failed(Reason.NONZERO_EXIT, exit_code=3).words == ()


def test_a_job_out_of_memory_says_what_it_asked_for_and_what_the_scheduler_said() -> None:
    error = JobError(type="out_of_memory", message="it used too much (OUT_OF_MEMORY, OutOfMemory)")
    spec = asked(Resources(memory=1536 << 20))
    said = failed(Reason.OUT_OF_MEMORY, signal=9, error=error, spec=spec)
    assert said.headline == "It used more than its 1.5 GiB of memory, and was killed."
    assert said.words == ("Slurm says: OUT_OF_MEMORY, OutOfMemory.",)
    assert said.advice == "Ask for more memory: headway clone 42 --set resources.memory=3G"


def test_a_job_out_of_time_says_how_long_it_might_and_did_run() -> None:
    spec = asked(duration_s=90)
    said = failed(Reason.TIMEOUT, signal=15, usage=Usage(wall_s=91), spec=spec)
    assert said.headline == "It did not end within its wall time of 1 min 30 s."
    assert said.words == (
        "Its process ended so: killed by signal 15 (SIGTERM).",
        "It ran for 1 min 31 s of the 1 min 30 s that it had asked for.",
    )
    assert said.advice == "Give it more time: headway clone 42 --set attributes.duration=3m"


def test_who_asked_for_no_wall_time_is_told_where_to_say_one() -> None:
    advice = failed(Reason.TIMEOUT).advice
    assert advice == "Give it more time: headway clone 42 --set attributes.duration=TIME"


def test_what_stood_in_the_way_of_a_start_is_said() -> None:
    error = JobError(type="not_started", message="there is no program 'reduc'")
    said = failed(Reason.NOT_STARTED, error=error)
    assert said.words == ("There is no program 'reduc'.",)
    assert said.advice == (
        "Mend what is said above and run it again (headway retry 42), or submit it with something"
        " changed: headway clone 42 --set KEY=VALUE"
    )


def test_a_lost_job_is_not_to_be_run_again_without_a_look() -> None:
    assert "before you run it again" in (failed(Reason.LOST).advice or "")


def test_a_job_whose_end_was_asked_for_says_who_asked() -> None:
    cancel = CancelRequest(by="kim", at=NOON)
    said = why(state=State.RUNNING, cancel=cancel)
    assert said.headline == ("kim asked for its end; it is running until the cluster has ended it.")
    assert said.advice is None


def test_a_cancelled_job_says_by_whom() -> None:
    cancel = CancelRequest(by="kim", at=NOON)
    said = why(state=State.CANCELLED, reason=Reason.BY_USER, cancel=cancel)
    assert said == Words(
        headline="It was cancelled by kim.", words=(), advice="Run it again: headway retry 42"
    )


def test_a_job_that_only_reports_is_not_to_be_retried() -> None:
    report: dict[str, Any] = {"kind": Kind.REPORT, "cluster": None}
    assert why("", state=State.ACCEPTED, **report).headline == "Nobody has reported on it yet."
    assert failed(Reason.NONZERO_EXIT, exit_code=3, **report).advice is None
    expired = failed(Reason.EXPIRED, **report)
    assert expired.advice == "If it still runs, its next report opens it again."


def test_a_job_that_comes_after_others_names_those_that_it_waits_for() -> None:
    others = (replace(a_command(), number=40, state=State.RUNNING), replace(a_command(), number=41))
    said = why(state=State.ACCEPTED, reason=Reason.DEPENDENCY, comes_after=others)
    assert said.headline == "It waits for another job to end."
    assert said.words == ("It comes after job 40 (running), job 41 (accepted).",)


def test_a_job_that_asks_for_nothing_says_which_queue_it_is_in() -> None:
    assert waits("Priority", queue="batch").words[-1] == "It is in the queue batch."


def test_an_array_says_how_many_of_its_elements_failed_and_how_to_run_those_again() -> None:
    elements = {"succeeded": 1_000, "failed": 2}
    said = failed(Reason.NONZERO_EXIT, exit_code=3, elements=elements)
    assert said.headline == "2 of its 1,002 elements failed."
    assert said.words == ("Of its elements 1,000 succeeded, 2 failed.",)
    assert said.advice == (
        "See which (headway jobs parent:42 state:failed), mend that, and run those again:"
        " headway retry 42"
    )


def test_an_array_that_waits_says_why_one_of_its_elements_does() -> None:
    native = Explanation(word="PENDING", why="JobArrayTaskLimit", position=7, at=NOON)
    said = why("slurm", native, state=State.QUEUED, elements={"running": 2, "queued": 8})
    assert said.headline == "It has to wait: as much runs as a limit allows."
    assert said.words == (
        "Slurm says of one element: PENDING, JobArrayTaskLimit.",
        "Of its elements 2 running, 8 queued.",
    )


@pytest.mark.parametrize(
    ("reason", "fields", "advice"),
    [
        (Reason.OUT_OF_MEMORY, {}, "Submit it again with more memory."),
        (Reason.TIMEOUT, {}, "Submit it again with more wall time."),
        (Reason.NONZERO_EXIT, {"exit_code": 3}, "See what it wrote: headway logs 42"),
        (Reason.LOST, {}, None),
    ],
)
def test_an_adopted_job_is_not_to_be_ended_or_run_again_by_headway(
    reason: Reason, fields: dict[str, Any], advice: str | None
) -> None:
    assert failed(reason, kind=Kind.ADOPTED, **fields).advice == advice
    native = Explanation(word="PENDING", why="PartitionConfig", at=NOON)
    waiting = why("slurm", native, kind=Kind.ADOPTED, state=State.QUEUED)
    assert (waiting.headline, waiting.advice) == (
        "It will never start as it is: it asks for more than there is.",
        "End it, and submit it again with what is said above changed: scancel ID",
    )


@pytest.mark.parametrize(
    ("scheduler", "reason", "command"),
    [
        ("slurm", "PartitionTimeLimit", "scancel 77"),
        ("pbs", "Can never run", "qdel 77"),
        ("sge", "Eqw: it is in an error state", "qmod -cj 77; or end it: qdel 77"),
    ],
)
def test_an_adopted_job_that_never_starts_is_to_be_ended_where_it_was_submitted(
    scheduler: str, reason: str, command: str
) -> None:
    native = Explanation(word="PENDING", why=reason, at=NOON)
    told = why(scheduler, native, kind=Kind.ADOPTED, state=State.QUEUED, native_id=NativeId("77"))
    assert told.advice is not None
    assert told.advice.endswith(f": {command}")


@given(st.text(), st.sampled_from(["slurm", "lsf", "pbs", "sge", "new"]))
def test_whatever_a_scheduler_says_is_one_clean_line(reason: str, kind: str) -> None:
    said = waits(reason, kind)
    shown = "".join((said.headline, *said.words, said.advice or ""))
    assert not set(shown) & set("\n\x1b\u202e\x00")
    assert SENTENCE.fullmatch(said.headline)


@pytest.mark.parametrize("number", [*SIGNALS, 40, 64])
def test_every_signal_has_a_headline(number: int) -> None:
    assert f"signal {number}" in failed(Reason.SIGNAL, signal=number).headline


def test_as_whom_a_job_runs_is_said_where_that_is_not_its_owner() -> None:
    assert "It runs as the account games." in why(owner="alice", runs_as="games").words
    assert "It ran as the account games." in failed(Reason.LOST, runs_as="games").words
    assert why(owner="alice", runs_as="alice").words == why(owner="alice").words


@pytest.mark.parametrize(
    ("resources", "key"),
    [
        (Resources(node_count=900), "--set resources.node_count=N"),
        (Resources(memory=1 << 50), "--set resources.memory=SIZE"),
        (Resources(cpu_cores_per_process=999), "--set resources.cpu_cores_per_process=N"),
        (
            Resources(node_count=2, memory=GIB),
            "--set resources.node_count=N (or another of resources.*)",
        ),
        (Resources(), "--set resources.memory=SIZE (or another of resources.*)"),
    ],
)
def test_what_asks_for_too_much_is_told_which_of_what_it_asks_for(
    resources: Resources, key: str
) -> None:
    for scheduler, reason in (("slurm", "BadConstraints"), ("lsf", "There are no suitable hosts")):
        native = Explanation(word="PENDING", why=reason, at=NOON)
        told = why(scheduler, native, state=State.QUEUED, spec=asked(resources))
        assert told.advice is not None
        assert told.advice.endswith(key)


def test_whose_word_an_exit_code_is_is_said_where_the_job_left_no_record() -> None:
    error = JobError(type="nonzero_exit", message="exit code 1: that is the scheduler's word")
    told = failed(Reason.NONZERO_EXIT, exit_code=1, error=error)
    assert "That is the scheduler's word." in told.words
    plain = JobError(type="nonzero_exit", message="exit code 1")
    assert failed(Reason.NONZERO_EXIT, exit_code=1, error=plain).words == told.words[1:]
