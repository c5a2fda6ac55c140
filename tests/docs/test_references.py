"""The reference pages name what the code has, and nothing else."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Final

import click
import msgspec
import pytest

from headway.app.options import MacKey
from headway.cli.configuration import Tables, configuration_of
from headway.cli.serve import serve
from headway.executors.batch.run_as.settings import RunAsSettings
from headway.executors.batch.settings import BatchSettings
from headway.plugins import executors
from headway.protocols.joblauncher.settings import read_settings
from headway.sdk import worker

ROOT: Final = Path(__file__).parents[2]
REFERENCE: Final = ROOT / "docs" / "reference"
OPTION: Final = re.compile(r"^\| `(--[a-z-]+)` \| (.+?) \| .+ \|$", re.MULTILINE)
IN_HELP: Final = re.compile(r"\[default: ([^\]]+)\]")


def settings() -> dict[str, str]:
    """Give each option that the page of settings names, with its default."""
    return dict(OPTION.findall((REFERENCE / "settings.md").read_text("utf-8")))


def options() -> dict[str, click.Option]:
    return {
        parameter.opts[0]: parameter
        for parameter in serve.params
        if isinstance(parameter, click.Option)
    }


def default_of(option: click.Option) -> str:
    told = IN_HELP.search(option.help or "")
    if option.is_flag:
        return "on" if option.default is True else "off"
    if told:
        return f"`{told[1]}`"
    return f"`{option.default}`" if option.show_default else "none"


def test_the_command_line_reference_is_what_the_commands_say() -> None:
    check = subprocess.run(
        [sys.executable, ROOT / "tools" / "cli_reference.py", "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (check.returncode, check.stderr) == (0, "")


def test_every_setting_of_the_server_is_on_its_page() -> None:
    assert settings().keys() == options().keys()


@pytest.mark.parametrize("name", options())
def test_a_setting_has_the_default_that_its_page_says(name: str) -> None:
    assert settings()[name] == default_of(options()[name])


def test_the_page_of_settings_shows_every_key_of_the_file_and_all_are_read() -> None:
    page = (REFERENCE / "settings.md").read_text("utf-8")
    shown = tomllib.loads(page[page.index("```toml\n") + 8 : page.rindex("```")])
    tables = {field.name: field.type for field in msgspec.structs.fields(Tables)}
    clusters = shown.pop("cluster")
    del tables["cluster"]
    assert {name: set(shown[name]) for name in shown} == {
        name: {field.name for field in msgspec.structs.fields(table)}
        for name, table in tables.items()
    }
    assert set(shown["callbacks"]["mac"][0]) == set(MacKey.__struct_fields__)
    said = configuration_of(shown, Path("/etc/headway.toml"))
    assert said.defaults.keys() <= {option.name for option in options().values()}
    read_settings(said.protocols["joblauncher"])
    assert {table["kind"] for table in clusters.values()} <= set(executors().names())


def test_the_page_of_settings_shows_every_key_of_a_cluster() -> None:
    page = (REFERENCE / "settings.md").read_text("utf-8")
    table = page[page.index("## Clusters") : page.index("Keys of one kind only")]
    shown = set(re.findall(r"^\| `(\w+)`", table, re.MULTILINE))
    settings = {*BatchSettings.__struct_fields__, *RunAsSettings.__struct_fields__}
    assert shown == {"kind", "adopt", *settings}


def test_the_worker_page_names_every_function_and_no_other() -> None:
    page = (REFERENCE / "worker.md").read_text("utf-8")
    table = page[page.index("## Functions") : page.index("The arguments of")]
    assert set(re.findall(r"^\| `(\w+)", table, re.MULTILINE)) == set(worker.__all__)


def test_the_worker_page_names_every_argument_of_a_bar() -> None:
    page = (REFERENCE / "worker.md").read_text("utf-8")
    table = page[page.index("The arguments of") : page.index("## Environment")]
    shown = set(re.findall(r"^\| `(\w+)`", table, re.MULTILINE))
    code = worker.progress.__code__
    assert shown == set(code.co_varnames[: code.co_argcount + code.co_kwonlyargcount])


def test_the_worker_page_names_every_variable_that_is_read() -> None:
    source = (ROOT / "src/headway/sdk/worker.py").read_text("utf-8")
    page = (REFERENCE / "worker.md").read_text("utf-8")
    read = set(re.findall(r'"(HEADWAY_[A-Z_]+|SLURM_ARRAY_TASK_ID)"', source))
    read |= {rank for _, rank in worker._RANKS}
    assert {name for name in read if f"`{name}`" not in page} == set()


@pytest.mark.parametrize(
    ("words", "number"),
    [
        ("has not ended after {:g} s is given up", worker._CAP_S),
        ("waits {:g} s at most for the last report", worker._EXIT_S),
        ("{:g} s at most.", worker._LONGEST_WAIT_S),
        ("of {:,} workers at", worker._PENDING_COUNT),
        ("Texts are cut at {:,} characters", worker._TEXT_CHARACTERS),
        ("counters' keys at {}", worker._KEY_CHARACTERS),
    ],
)
def test_the_worker_page_has_the_worker_files_numbers(words: str, number: float) -> None:
    page = " ".join((REFERENCE / "worker.md").read_text("utf-8").split())
    assert words.format(number) in page
