"""Files are brought and fetched by what was typed, from where it was typed."""

import json
from pathlib import Path

import click
import pytest
from tests.cli.conftest import Headway

from headway.cli.staging import sandbox_spec


def test_paths_are_those_of_the_present_directory() -> None:
    options = {"stage_in": ("a/b.csv", "/data/x=y/z"), "stage_out": ("out/r", "s=../t")}
    assert sandbox_spec(options, here="/home/ada/run") == {
        "stage_in": [
            {"source": "/home/ada/run/a/b.csv", "target": "b.csv"},
            {"source": "/data/x", "target": "y/z"},
        ],
        "stage_out": [
            {"source": "out/r", "target": "/home/ada/run/r"},
            {"source": "s", "target": "/home/ada/t"},
        ],
    }


def test_without_such_options_there_is_no_sandbox() -> None:
    assert sandbox_spec({"stage_in": (), "keep_sandbox": False}, here="/") is None


@pytest.mark.parametrize(
    "options",
    [
        {"stage_in": ("=x",)},
        {"stage_out": ("=x",)},
        {"stage_in": ("x",), "directory": "/data"},
    ],
)
def test_what_cannot_be_meant_is_a_usage_error(options: dict[str, object]) -> None:
    with pytest.raises(click.UsageError):
        sandbox_spec(options, here="/")


def test_a_job_works_on_copies_and_its_result_is_here_when_it_has_ended(
    headway: Headway, tmp_path: Path
) -> None:
    (tmp_path / "data.csv").write_text("1,2\n3,4\n")
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "one").touch()
    script = "wc -l <data.csv >count; ls lib; rm data.csv"
    options = ("--stage-in", "data.csv", "--stage-in", "lib", "--stage-out", "count=n.txt")
    done = headway("submit", "--follow", *options, "--", "sh", "-c", script)
    assert (done.returncode, done.stdout) == (0, "one\n")
    assert (tmp_path / "n.txt").read_text() == "2\n"
    assert (tmp_path / "data.csv").exists()


def test_a_file_that_is_not_there_fails_the_job_and_is_named(headway: Headway) -> None:
    done = headway("submit", "--block", "--stage-in", "absent.csv", "--", "true")
    assert done.returncode == 1
    assert "absent.csv" in done.stderr


def test_what_is_staged_can_be_read_back(headway: Headway, tmp_path: Path) -> None:
    (tmp_path / "in").touch()
    done = headway("submit", "--keep-sandbox", "--stage-in", "in", "--", "true")
    document = json.loads(headway("job", "--json", done.stdout.strip()).stdout)
    assert document["sandbox"]["delete"] == "never"
    assert document["sandbox"]["stage_in"] == [{"source": str(tmp_path / "in"), "target": "in"}]
