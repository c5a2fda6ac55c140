"""What Grid Engine is asked: exactly these words, and no value that could be taken for another."""

from collections.abc import Mapping, Sequence

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headway.core.errors import InvalidRequest
from headway.core.model.names import NativeId
from headway.core.model.spec import Attributes, Resources, Spec
from headway.executors.batch.request import Elements, Request
from headway.executors.sge.dialect import SgeDialect
from headway.executors.sge.settings import OWN_SETTINGS, Settings, read_settings

TAG = "0199a1b2-c3d4-7e5f-8a9b-0123456789ab.1"
GIB = 1024**3

plain = SgeDialect()
full = SgeDialect(
    Settings(
        parallel_environment="smp",
        mpi_environment="mpi",
        memory_resource="h_vmem",
        gpu_resource="gpu",
        exclusive_resource="exclusive",
        account_is="account",
    )
)


def request(**more: object) -> Request:
    made = Request(
        mark=plain.mark(TAG),
        name="align",
        script="/nfs/place/script",
        output="/nfs/place/scheduler",
        directory="/nfs/place",
    )
    return msgspec.structs.replace(made, **more)


def submitted(dialect: SgeDialect = full, **more: object) -> list[str]:
    return list(dialect.submit(request(**more)).argv)


def asked(
    dialect: SgeDialect = full, native: Mapping[str, str] | None = None, **resources: object
) -> list[str]:
    """Give what stands between ``qsub`` and what is always there."""
    made = Resources(**resources)  # type: ignore[arg-type]
    argv = submitted(dialect, resources=made, native=native or {})
    return argv[1 : len(argv) - len(submitted(plain)) + 1]


def test_a_plain_job_is_asked_for_with_few_words() -> None:
    assert submitted(plain) == [
        "qsub",
        "-notify",
        *("-ac", f"headway=hw.{TAG}"),
        *("-N", f"align.hw.{TAG}"),
        *("-o", "/nfs/place/scheduler", "-j", "y"),
        *("-wd", "/nfs/place"),
        *("-S", "/bin/sh", "-b", "n", "-terse"),
        "/nfs/place/script",
    ]


def test_nothing_travels_in_the_environment_or_through_standard_input() -> None:
    command = full.submit(request())
    assert command.stdin == b""
    assert not command.environment


def test_several_cores_are_slots_of_a_parallel_environment() -> None:
    assert asked(cpu_cores_per_process=4) == ["-pe", "smp", "4"]
    assert asked(cpu_cores_per_process=4, node_count=1) == ["-pe", "smp", "4"]
    assert asked(cpu_cores_per_process=1) == []


def test_processes_on_several_hosts_are_slots_of_another_one() -> None:
    assert asked(process_count=8) == ["-pe", "mpi", "8"]
    assert asked(process_count=8, cpu_cores_per_process=2) == ["-pe", "mpi", "16"]
    assert asked(node_count=2, processes_per_node=4) == ["-pe", "mpi", "8"]
    assert asked(node_count=1, process_count=4) == ["-pe", "smp", "4"]


def test_processes_may_share_a_host_where_there_is_no_other_environment() -> None:
    dialect = SgeDialect(Settings(parallel_environment="smp"))
    assert asked(dialect, process_count=8) == ["-pe", "smp", "8"]


@pytest.mark.parametrize(
    ("resources", "setting"),
    [
        (Resources(cpu_cores_per_process=2), "parallel_environment"),
        (Resources(node_count=2), "mpi_environment"),
    ],
)
def test_without_an_environment_several_slots_are_refused_and_the_setting_named(
    resources: Resources, setting: str
) -> None:
    with pytest.raises(InvalidRequest, match=f"set {setting} of this cluster") as refused:
        submitted(plain, resources=resources)
    assert refused.value.field == "resources"


def test_an_environment_that_the_user_names_wins() -> None:
    assert asked(plain, {"pe": "orte 2-8"}, cpu_cores_per_process=4) == ["-pe", "orte", "2-8"]


def test_memory_is_asked_for_by_the_slot_rounded_up() -> None:
    assert asked(memory=GIB) == ["-l", "h_vmem=1024M"]
    assert asked(memory=1) == ["-l", "h_vmem=1M"]
    assert asked(memory=GIB, cpu_cores_per_process=3) == ["-pe", "smp", "3", "-l", "h_vmem=342M"]


def test_memory_is_asked_for_whole_where_it_is_counted_by_the_job() -> None:
    dialect = SgeDialect(Settings(parallel_environment="smp", memory_per_slot=False))
    assert asked(dialect, memory=GIB, cpu_cores_per_process=4)[-1] == "mem_free=1024M"


def test_gpus_and_a_host_for_oneself_have_the_clusters_own_names() -> None:
    assert asked(gpu_cores_per_process=2) == ["-l", "gpu=2"]
    assert asked(exclusive_node_use=True) == ["-l", "exclusive=true"]
    assert asked(process_count=3, gpu_cores_per_process=1) == ["-pe", "mpi", "3", "-l", "gpu=3"]


def test_gpus_that_are_counted_by_the_slot_must_come_out_even() -> None:
    dialect = SgeDialect(
        Settings(parallel_environment="smp", gpu_resource="gpu", gpu_per_slot=True)
    )
    assert asked(dialect, process_count=2, gpu_cores_per_process=2)[-1] == "gpu=2"
    with pytest.raises(InvalidRequest, match="1 GPUs cannot be shared out evenly among 4 slots"):
        asked(dialect, cpu_cores_per_process=4, gpu_cores_per_process=1)


def test_limits_queue_account_and_reservation_are_passed_on() -> None:
    attributes = Attributes(
        duration=61.2, queue_name="long.q@@big", account="proj 1", reservation_id="17"
    )
    argv = submitted(attributes=attributes)
    assert argv[1:9] == ["-l", "h_rt=62", "-q", "long.q@@big", "-A", "proj 1", "-ar", "17"]


def test_an_account_is_a_project_unless_the_setting_says_otherwise() -> None:
    assert submitted(plain, attributes=Attributes(account="p"))[1:3] == ["-P", "p"]


@pytest.mark.parametrize(
    ("attributes", "field"),
    [
        (Attributes(queue_name="-pe"), "queue_name"),
        (Attributes(queue_name=""), "queue_name"),
        (Attributes(queue_name="a\nb"), "queue_name"),
        (Attributes(account="-help"), "account"),
        (Attributes(account="a\0"), "account"),
        (Attributes(reservation_id="-1"), "reservation_id"),
        (Attributes(reservation_id="x"), "reservation_id"),
    ],
)
def test_a_value_that_qsub_would_read_otherwise_is_refused_by_its_field(
    attributes: Attributes, field: str
) -> None:
    with pytest.raises(InvalidRequest) as refused:
        submitted(attributes=attributes)
    assert refused.value.field == f"attributes.{field}"


@pytest.mark.parametrize(
    ("indices", "option"),
    [
        ((0,), "1-1:1"),
        ((0, 1, 2), "1-3:1"),
        ((4, 0, 2), "1-5:2"),
        ((7, 9), "8-10:2"),
        (tuple(range(1000)), "1-1000:1"),
    ],
)
def test_an_arrays_indices_begin_at_1_there(indices: tuple[int, ...], option: str) -> None:
    argv = submitted(elements=Elements(indices=indices, at_once=5))
    assert "/nfs/place/scheduler.$TASK_ID" in argv
    assert argv[1:5] == ["-t", option, "-tc", "5"]


@pytest.mark.parametrize("indices", [(), (-1, 0), (0, 1, 3)])
def test_indices_that_are_not_evenly_spaced_are_refused(indices: tuple[int, ...]) -> None:
    with pytest.raises(InvalidRequest) as refused:
        submitted(elements=Elements(indices=indices))
    assert refused.value.field == "elements"


def test_a_running_task_finds_what_its_index_is_counted_from() -> None:
    variables = full.variables
    assert (variables.index, variables.first, variables.unset) == ("SGE_TASK_ID", 1, "undefined")
    assert variables.orders == (99, 100)


def test_a_job_is_warned_before_it_is_killed_unless_that_is_switched_off() -> None:
    assert full.variables.warnings == ("USR2", "USR1")
    abrupt = SgeDialect(Settings(notify=False))
    assert abrupt.variables.warnings == ()
    assert "-notify" not in submitted(abrupt)


def test_no_environment_is_passed_for_others_could_read_it() -> None:
    assert not {"-V", "-v"} & set(submitted())
    assert not SgeDialect().passes_environment


@pytest.mark.parametrize("bad", ["x", "*", "", "1,2", "-1"])
def test_what_is_no_id_is_not_cancelled_and_not_asked_about(bad: str) -> None:
    with pytest.raises(InvalidRequest):
        full.cancel([NativeId(bad)])
    for detail in full.details:
        with pytest.raises(InvalidRequest):
            detail.ask(NativeId(bad))


def test_jobs_and_tasks_are_cancelled_in_one_command() -> None:
    ids = [NativeId("12"), NativeId("9.3"), NativeId("12")]
    assert full.cancel(ids).argv == ("qdel", "12", "9.3")


def test_the_detail_of_a_task_is_its_jobs_in_the_queue_and_its_own_in_the_accounting() -> None:
    queue, kept = full.details
    assert queue.ask(NativeId("9.3")).argv == ("qstat", "-j", "9")
    assert kept.ask(NativeId("9.3")).argv == ("qacct", "-j", "9", "-t", "3")
    assert kept.ask(NativeId("9")).argv == ("qacct", "-j", "9")


def test_an_accounting_that_cannot_be_read_here_is_not_asked_for_details() -> None:
    (queue,) = SgeDialect(Settings(accounting=False)).details
    assert queue.name == "qstat"


def test_the_version_is_not_asked_of_qsub_for_pbs_would_take_that_as_a_job() -> None:
    assert full.version().argv == ("qstat", "-help")


@pytest.mark.parametrize("field", ["output", "directory"])
@pytest.mark.parametrize("path", ["/a,b", "/a:b", "/a/$HOME", "relative", "/a\nb", "/a\0b", ""])
def test_a_path_that_grid_engine_reads_otherwise_is_refused(field: str, path: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        full.submit(request(**{field: path}))
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("native", "words"),
    [
        ({"l": "gpu=1,arch=lx-amd64"}, ["-l", "gpu=1,arch=lx-amd64"]),
        ({"notify": "", "R": "y"}, ["-notify", "-R", "y"]),
        ({"h": ""}, ["-h"]),
        ({"h": "u"}, ["-h", "u"]),
        ({"p": "-100"}, ["-p", "-100"]),
        ({"binding": "env linear:2"}, ["-binding", "env", "linear:2"]),
        ({"soft": "", "l": "fast"}, ["-soft", "-l", "fast", "-hard"]),
        ({"M": "a@b.example"}, ["-M", "a@b.example"]),
        ({"hold_jid": "12,9"}, ["-hold_jid", "12,9"]),
    ],
)
def test_grid_engines_own_options_are_passed_on(
    native: Mapping[str, str], words: Sequence[str]
) -> None:
    assert asked(native=native) == words


@pytest.mark.parametrize(
    "native",
    [
        {"N": "other"},
        {"t": "1-3"},
        {"sync": "y"},
        {"help": ""},
        {"verify": ""},
        {"l": ""},
        {"l": "-q"},
        {"l": "a\nb"},
        {"V": "-q"},
        {"V": "y"},
        {"p": "-q"},
        {"q": "-100"},
        {"pe": "smp"},
        {"pe": "smp 4 /tmp/x"},
        {"pe": "smp -4"},
        {"w": "v"},
        {"w": " p "},
        {"@": "/etc/passwd"},
        {"-l": "x"},
        {"": "x"},
        {"l x": "y"},
        {"ö": "x"},
    ],
)
def test_an_option_that_would_mean_something_else_is_refused(native: Mapping[str, str]) -> None:
    with pytest.raises(InvalidRequest) as refused:
        asked(native=native)
    assert str(refused.value.field).startswith("attributes.custom_attributes")


@given(
    st.dictionaries(
        st.text(max_size=8) | st.sampled_from(["l", "q", "P", "p", "h", "V", "pe", "ac"]),
        st.text(max_size=12),
    )
)
def test_no_own_option_changes_what_is_submitted(native: dict[str, str]) -> None:
    try:
        argv = submitted(native=native)
    except InvalidRequest:
        return
    always = submitted(plain)[1:]
    assert argv[-len(always) :] == always
    given_words = argv[1 : -len(always)]
    assert all(c.isprintable() for word in given_words for c in word)
    flags = [word for word in given_words if word.startswith("-") and not word[1:].isdigit()]
    assert {flag[1:] for flag in flags} <= {*native, "hard"}


@given(st.text(max_size=20), st.text(max_size=20))
def test_no_attribute_becomes_an_option(queue: str, account: str) -> None:
    try:
        argv = submitted(attributes=Attributes(queue_name=queue, account=account))
    except InvalidRequest:
        return
    assert argv[1:5] == ["-q", queue, "-A", account]
    assert not queue.startswith("-")


def test_what_is_not_asked_for_is_named() -> None:
    spec = Spec(
        command=("x",),
        resources=Resources(
            node_count=2,
            processes_per_node=3,
            gpu_cores_per_process=1,
            exclusive_node_use=True,
            memory=1,
        ),
        attributes=Attributes(
            total_duration=3.0,
            duration=3.0,
            custom_attributes={"sge.p": "-1", "slurm.nice": "1"},
        ),
    )
    assert list(full.unheeded(spec)) == [
        "resources.node_count",
        "resources.processes_per_node",
        "attributes.total_duration",
        "attributes.custom_attributes.slurm.nice",
    ]
    none = SgeDialect(Settings(memory_resource=""))
    assert set(none.unheeded(spec)) - set(full.unheeded(spec)) == {
        "resources.gpu_cores_per_process",
        "resources.exclusive_node_use",
        "resources.memory",
    }
    assert list(plain.unheeded(Spec(command=("x",)))) == []


def test_settings_are_read_by_name() -> None:
    assert read_settings({"mpi_environment": "orte"}).mpi_environment == "orte"
    assert "memory_resource" in OWN_SETTINGS


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"parallel_environment": "-pe x"}, "parallel_environment"),
        ({"memory_resource": "a=b"}, "memory_resource"),
        ({"account_is": "owner"}, "neither of project, account"),
        ({"memory_per_slot": "yes"}, "memory_per_slot"),
        ({"nosuch": 1}, "nosuch"),
    ],
)
def test_a_setting_that_cannot_be_is_refused_by_name(
    settings: Mapping[str, object], words: str
) -> None:
    with pytest.raises(InvalidRequest, match=words):
        read_settings(settings)


def test_without_an_accounting_file_qacct_is_not_asked() -> None:
    assert [each.name for each in full.sources] == ["qacct", "qstat -j"]
    alone = SgeDialect(Settings(accounting=False))
    assert [each.name for each in alone.sources] == ["qstat -j"]
