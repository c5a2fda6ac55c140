"""What sbatch is asked for."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headway.core.errors import InvalidRequest
from headway.core.model.spec import Attributes, Resources
from headway.executors.batch.request import Elements, Request
from headway.executors.slurm.dialect import SlurmDialect
from headway.executors.slurm.options import clean_name

DIALECT = SlurmDialect()
SCRIPT = b"#!/bin/sh\ntrue\n"
MARK = DIALECT.mark("0193a5b2-7c1e-7000-8000-000000000001.1")
LINE = st.text(alphabet=st.characters(exclude_characters="\0\r\n", exclude_categories=["Cs"]))


def request(**more: Any) -> Request:
    values: dict[str, Any] = {
        "mark": MARK,
        "name": "a name",
        "script": "/place/script",
        "text": SCRIPT,
        "output": "/place/scheduler",
        "directory": "/work",
    }
    return Request(**{**values, **more})


def argv(**more: Any) -> list[str]:
    return list(DIALECT.submit(request(**more)).argv)


def options(**more: Any) -> list[str]:
    """Give those that stand behind what each submission has."""
    words = argv(**more)
    return words[words.index("--chdir=/work") + 1 :]


def test_a_plain_job_is_submitted_with_what_finds_it_again() -> None:
    assert argv() == [
        "sbatch",
        f"--comment={MARK}",
        "--parsable",
        "--job-name=a name",
        "--output=/place/scheduler",
        "--open-mode=append",
        "--chdir=/work",
    ]


def test_the_script_is_read_and_no_file_is_named() -> None:
    command = DIALECT.submit(request())
    assert command.stdin == SCRIPT
    assert command.argv[-1].startswith("--")


@pytest.mark.parametrize(
    ("resources", "words"),
    [
        ({"node_count": 2}, ["--nodes=2"]),
        ({"process_count": 8}, ["--ntasks=8"]),
        ({"processes_per_node": 4}, ["--ntasks-per-node=4"]),
        ({"cpu_cores_per_process": 3}, ["--cpus-per-task=3"]),
        ({"exclusive_node_use": True}, ["--exclusive"]),
        ({"exclusive_node_use": False}, []),
        ({"memory": 1}, ["--mem=1M"]),
        ({"memory": 1 << 30}, ["--mem=1024M"]),
        ({"memory": (1 << 30) + 1}, ["--mem=1025M"]),
        ({"gpu_cores_per_process": 2}, ["--gres=gpu:2"]),
        ({"gpu_cores_per_process": 2, "node_count": 3}, ["--nodes=3", "--gres=gpu:2"]),
        (
            {"gpu_cores_per_process": 2, "processes_per_node": 4},
            ["--ntasks-per-node=4", "--gres=gpu:8"],
        ),
        (
            {"gpu_cores_per_process": 1, "node_count": 1, "process_count": 4},
            ["--nodes=1", "--ntasks=4", "--gres=gpu:4"],
        ),
        (
            {"gpu_cores_per_process": 1, "process_count": 4},
            ["--ntasks=4", "--gpus-per-task=1"],
        ),
    ],
)
def test_resources_are_asked_for(resources: Mapping[str, Any], words: list[str]) -> None:
    assert options(resources=Resources(**resources)) == words


@pytest.mark.parametrize(
    ("duration_s", "minutes"), [(0.5, 1), (60, 1), (61, 2), (3600, 60), (86400 * 30, 43200)]
)
def test_a_wall_time_is_rounded_up_to_minutes(duration_s: float, minutes: int) -> None:
    assert options(attributes=Attributes(duration=duration_s)) == [f"--time={minutes}"]


def test_queue_account_and_reservation_are_asked_for() -> None:
    attributes = Attributes(queue_name="long", account="astro", reservation_id="maint")
    assert options(attributes=attributes) == [
        "--partition=long",
        "--account=astro",
        "--reservation=maint",
    ]


def test_an_array_is_one_short_option() -> None:
    assert options(elements=Elements(indices=tuple(range(1000)), at_once=50)) == [
        "--array=0-999%50"
    ]
    assert options(elements=Elements(indices=(7, 1, 3, 2))) == ["--array=1-3,7"]


@pytest.mark.parametrize(
    "elements",
    [
        Elements(indices=()),
        Elements(indices=(-1, 2)),
        Elements(indices=(1,), at_once=0),
        Elements(indices=tuple(range(0, 200_000, 2))),
    ],
)
def test_an_array_that_cannot_be_asked_for_is_refused(elements: Elements) -> None:
    with pytest.raises(InvalidRequest):
        argv(elements=elements)


def test_native_options_come_before_ours_which_count() -> None:
    words = argv(native={"constraint": "a&b", "hold": ""}, attributes=Attributes(queue_name="long"))
    assert "--constraint=a&b" in words
    assert words.index("--constraint=a&b") < words.index("--partition=long")
    assert words[1] == f"--comment={MARK}"


def test_what_a_job_waits_for_in_slurm_itself_is_for_its_user_to_say() -> None:
    words = argv(native={"dependency": "afterok:12", "kill-on-invalid-dep": "yes"})
    assert {"--dependency=afterok:12", "--kill-on-invalid-dep=yes"} <= set(words)


def test_an_option_without_a_value_can_swallow_no_other_one() -> None:
    words = argv(native={"constraint": "", "qos": "high"})
    assert words[words.index("--constraint") + 1] == "--parsable"


@pytest.mark.parametrize("name", ["comment", "comm", "output", "wrap", "array", "clusters", "wai"])
def test_an_option_of_ours_is_refused_however_short_it_is_written(name: str) -> None:
    with pytest.raises(InvalidRequest, match="is not for jobs to set") as caught:
        argv(native={name: "x"})
    assert caught.value.field == f"attributes.custom_attributes.slurm.{name}"


@pytest.mark.parametrize("value", ["help", "HELP", "verbose,help", " help "])
def test_what_would_have_sbatch_print_help_and_submit_nothing_is_refused(value: str) -> None:
    with pytest.raises(InvalidRequest, match="submits nothing"):
        argv(native={"gres": value})
    assert "--gres=helper:1" in argv(native={"gres": "helper:1"})


@pytest.mark.parametrize("name", ["-x", "--hold", "p", "Hold", "a=b", "a b", "", "é", "hold\n"])
def test_what_is_no_long_option_is_refused(name: str) -> None:
    with pytest.raises(InvalidRequest, match="no long option"):
        argv(native={name: ""})


def test_a_native_option_beside_the_field_that_says_the_same_is_refused() -> None:
    assert "--time=5" in argv(native={"time": "5"})
    with pytest.raises(InvalidRequest, match=r"both attributes\.duration and"):
        argv(native={"time": "5"}, attributes=Attributes(duration=60))


@pytest.mark.parametrize("text", ["a\nb", "a\0b", "a\rb"])
def test_a_newline_or_nul_is_refused_wherever_it_would_go(text: str) -> None:
    with pytest.raises(InvalidRequest):
        argv(native={"constraint": text})
    with pytest.raises(InvalidRequest):
        argv(attributes=Attributes(queue_name=text))
    with pytest.raises(InvalidRequest):
        argv(directory=f"/{text}")


def test_a_path_with_bytes_that_are_no_utf_8_is_passed_on() -> None:
    directory = b"/data/\xff".decode("utf-8", "surrogateescape")
    assert f"--chdir={directory}" in argv(directory=directory)
    with pytest.raises(InvalidRequest, match="half a character"):
        argv(directory="/data/\ud800")


@given(name=st.text(), queue=LINE.filter(bool), directory=LINE, constraint=LINE.filter(bool))
def test_no_text_becomes_an_option_of_its_own(
    name: str, queue: str, directory: str, constraint: str
) -> None:
    words = argv(
        name=name,
        directory=f"/{directory}",
        attributes=Attributes(queue_name=queue),
        native={"constraint": constraint},
    )
    assert words[1:4] == [f"--comment={MARK}", "--parsable", f"--constraint={constraint}"]
    assert words[4].startswith("--job-name=")
    assert words[5:] == [
        "--output=/place/scheduler",
        "--open-mode=append",
        f"--chdir=/{directory}",
        f"--partition={queue}",
    ]


@given(st.text())
def test_a_name_is_cleaned_and_never_refused(name: str) -> None:
    cleaned = clean_name(name)
    assert cleaned
    assert cleaned.isprintable()
    assert cleaned.encode()  # no half of a surrogate pair


def test_as_much_of_a_name_is_kept_as_a_line_can_hold() -> None:
    assert clean_name("run|7 <é> %j --x\n$(y)") == "run|7 <é> %j --x $(y)"
    assert clean_name("\n\0") == "job"


def test_a_percent_sign_in_a_path_is_no_pattern() -> None:
    assert "--output=/a%%j/scheduler" in argv(output="/a%j/scheduler")


def test_the_words_of_an_arrays_elements_do_not_mix() -> None:
    elements = Elements(indices=(0, 1))
    assert "--output=/place/scheduler.%a" in argv(elements=elements)
    assert "--output=/a%%j/scheduler.%a" in argv(output="/a%j/scheduler", elements=elements)
    assert "--output=/a\\\\b/scheduler" in argv(output="/a\\b/scheduler", elements=elements)
