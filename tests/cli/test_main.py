"""The overview, and how a run ends; nothing here needs a server."""

import json
import os
import subprocess
import sys
from pathlib import Path

import click
import pytest

from headway.cli.commands import COMMANDS, Entry, LazyGroup, app
from headway.cli.failures import exit_code_of
from headway.cli.job_options import job_spec
from headway.cli.main import run
from headway.cli.serve import default_data
from headway.core import errors

ENTRIES = {name: entry for part in COMMANDS.values() for name, entry in part.items()}
#: What `headway jobs --json` must not load, or it is slow.
HEAVY = {
    "asyncio",
    "email",
    "http.client",
    "httpx",
    "importlib.metadata",
    "msgspec",
    "rich",
    "sqlalchemy",
    "ssl",
    "starlette",
    "subprocess",
    "tempfile",
    "urllib.request",
}


def commands_of(command: click.Command, path: str) -> dict[str, click.Command]:
    if not isinstance(command, click.Group):
        return {path: command}
    below: dict[str, click.Command] = {path: command}
    context = click.Context(command)
    for name in command.list_commands(context):
        inner = command.get_command(context, name)
        assert inner is not None
        below |= commands_of(inner, f"{path} {name}".strip())
    return below


ALL = commands_of(app, "")


@pytest.mark.parametrize("name", ENTRIES)
def test_the_overview_says_what_the_command_says(name: str) -> None:
    said, told = ENTRIES[name].summary, ALL[name].get_short_help_str(200)
    assert said.split(maxsplit=1)[0] == told.split(maxsplit=1)[0]


@pytest.mark.parametrize("path", [path for path in ALL if path])
def test_every_command_explains_itself_by_examples(
    path: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*path.split(), "--help"]) == 0
    told = capsys.readouterr().out
    assert "Examples:" in told
    assert f"headway {path.split(maxsplit=1)[0]}" in told


def test_what_prints_can_print_json() -> None:
    silent = {
        "",
        "serve",
        "demo",
        "run",
        "progress",
        "token",
        "filters",
        "filters delete",
        "group",
        "group delete",
        "callbacks",
        "callbacks replay",
        "callbacks drop",
        "token revoke",
        "import",
        "import joblauncher",
        "completion",
        "moi",  # prints what moi's own command printed
        "moi submit",
        "moi job",
        "moi users",
        "moi userjobs",
        "run-as",
        "run-as program",
        "run-as configuration",
        "run-as sudoers",
    }
    without = {
        path
        for path, command in ALL.items()
        if not any("--json" in parameter.opts for parameter in command.params)
    }
    assert without == silent


def test_a_command_that_there_is_not_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["jobz"]) == 2
    assert "No such command 'jobz'" in capsys.readouterr().err


def test_a_command_that_is_misspelt_is_told_what_it_may_be(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["log", "17"]) == 2
    assert "No such command 'log'. Did you mean 'logs'?" in capsys.readouterr().err


@pytest.mark.parametrize(
    "args",
    [
        ["submit"],
        ["submit", "-e", "novalue", "--", "true"],
        ["submit", "--cores", "0", "--", "true"],
        ["jobs", "--limit", "0"],
        ["jobs", "--since", "whenever"],
        ["wait", "1", "--timeout", "soon", "--url", "http://127.0.0.1:9"],
        ["wait"],
        ["progress", "update", "n", "w", "notanumber"],
        ["logs", "-f", "--attempt", "1", "7"],
        ["jobs", "--url", "ftp://x"],
        ["serve", "--data", ""],
    ],
)
def test_wrong_usage_is_told_and_gives_the_status_2(
    args: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(args) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.InvalidRequest("x"), 2),
        (errors.TooLarge("x"), 2),
        (errors.NotFound("x"), 3),
        (errors.Forbidden("x"), 4),
        (errors.Unauthenticated("x"), 4),
        (errors.InFlight("x"), 4),
        (errors.StagingFailed("x"), 2),
        (errors.StorageFull("x"), 4),
        (errors.ServerUnreachable("x"), 5),
        (errors.TimedOut("x"), 124),
        (errors.HeadwayError("x"), 4),
    ],
)
def test_an_error_has_its_status(error: errors.HeadwayError, code: int) -> None:
    assert exit_code_of(error) == code


def test_without_a_server_the_status_is_5(tmp_path: Path) -> None:
    done = headway("jobs", home=tmp_path)
    assert (done.returncode, done.stdout) == (5, "")
    assert done.stderr.startswith("headway: no server is known: start one with `headway serve`")


def test_a_server_file_that_others_can_write_is_refused(tmp_path: Path) -> None:
    path = tmp_path / ".local/state/headway/server.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({"url": "http://127.0.0.1:9", "pid": os.getpid()}))
    path.chmod(0o622)
    done = headway("jobs", home=tmp_path)
    assert done.returncode == 4
    assert "chmod 600" in done.stderr


def test_the_version_is_told(tmp_path: Path) -> None:
    assert headway("--version", home=tmp_path).stdout.startswith("headway 0.")


def test_what_cannot_be_written_is_told_and_is_no_jobs_failure(tmp_path: Path) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "headway", "--version"],
            env={"HOME": str(tmp_path), "PATH": os.defpath},
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    words = "headway: what there is to print cannot be written: No space left on device\n"
    assert (done.returncode, done.stderr) == (74, words)


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
@pytest.mark.parametrize(("command", "status"), [("--version", 0), ("run -- sh -c 'exit 7'", 7)])
def test_a_stream_that_is_closed_does_no_harm(
    tmp_path: Path, closed: str, command: str, status: int
) -> None:
    done = subprocess.run(
        ["sh", "-c", f"{sys.executable} -m headway {command} {closed}"],
        env={"HOME": str(tmp_path), "PATH": os.defpath},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == status
    assert "Traceback" not in done.stderr


def test_help_loads_no_command_and_nothing_heavy(tmp_path: Path) -> None:
    loaded = modules_of("--help", home=tmp_path)
    assert not loaded & HEAVY
    ours = {name for name in loaded if name.startswith("headway.cli.")}
    assert ours == {"headway.cli.main", "headway.cli.commands", "headway.cli.failures"}


def test_listing_jobs_as_json_loads_nothing_heavy(tmp_path: Path) -> None:
    loaded = modules_of("jobs", "--json", "--url", "http://127.0.0.1:9", home=tmp_path)
    assert not loaded & HEAVY
    assert not any(name.startswith("headway.core.model") for name in loaded)


def test_a_spec_says_only_what_was_said(tmp_path: Path) -> None:
    spec = job_spec(["make"], {"labels": (), "environment": ()}, here=str(tmp_path))
    assert spec == {"command": ["make"], "directory": str(tmp_path)}


def test_a_directory_is_read_from_where_one_is(tmp_path: Path) -> None:
    spec = job_spec(["make"], {"directory": "a/../b", "stdin": "/x"}, here=str(tmp_path))
    assert (spec["directory"], spec["stdin_path"]) == (f"{tmp_path}/b", "/x")


def test_data_is_kept_where_the_desktop_says() -> None:
    assert default_data({"HOME": "/home/a"}) == Path("/home/a/.local/share/headway")
    assert default_data({"HOME": "/home/a", "XDG_DATA_HOME": "/d"}) == Path("/d/headway")


def test_a_name_that_leads_to_no_command_is_a_mistake_of_ours(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    group = LazyGroup("x")
    monkeypatch.setattr(LazyGroup, "entries", {"x": Entry("headway.cli.commands:PROG", "X.")})
    with pytest.raises(TypeError, match="is no command"):
        group.get_command(click.Context(group), "x")


def headway(*args: str, home: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "headway", *args],
        env={"HOME": str(home), "PATH": os.defpath},
        capture_output=True,
        text=True,
        check=False,
    )


def modules_of(*args: str, home: Path) -> set[str]:
    code = (
        "import sys; from headway.cli.main import run; run(sys.argv[1:]);"
        " print(*sys.modules, sep='\\n', file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", code, *args],
        env={"HOME": str(home)},
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stderr.split())
