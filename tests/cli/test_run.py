"""``headway run``, here and on a cluster, and the options that it shares with ``headway submit``."""

import json
from pathlib import Path

import pytest
from tests.cli.conftest import Headway, run_in_time

from headway.cli.main import run
from headway.cli.run import run as run_command
from headway.cli.submit import submit


def shown(headway: Headway, *query: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(headway("jobs", "--json", *query).stdout)["jobs"]
    return found


def test_on_a_cluster_a_command_is_followed_and_its_status_is_passed_on(headway: Headway) -> None:
    script = "echo out; echo err >&2; exit 9"
    done = headway("run", "--cluster", "local", "--name", "far", "--", "sh", "-c", script)
    assert (done.returncode, done.stdout) == (9, "out\n")
    assert "err\n" in done.stderr
    assert "failed" in done.stderr
    [job] = shown(headway, "name:far")
    assert (job["kind"], job["cluster"], job["exit_code"]) == ("command", "local", 9)


def test_a_signal_on_a_cluster_is_passed_on_as_a_shell_does(headway: Headway) -> None:
    done = headway("run", "--cluster", "local", "--quiet", "--", "sh", "-c", "kill -SEGV $$")
    assert done.returncode == 128 + 11


def test_a_job_on_a_cluster_that_cannot_start_has_failed(headway: Headway) -> None:
    assert headway("run", "--cluster", "local", "-q", "--", "no-such-program").returncode == 1


def test_success_on_a_cluster_says_nothing_when_that_is_wished(headway: Headway) -> None:
    done = headway("run", "--cluster", "local", "--quiet", "--", "echo", "x")
    assert (done.returncode, done.stdout, done.stderr) == (0, "x\n", "")


def test_on_a_cluster_a_command_gets_what_it_asks_for(headway: Headway, tmp_path: Path) -> None:
    options = ["--cluster", "local", "-q", "--name", "asks", "--cores", "2", "--memory", "1G"]
    options += ["--duration", "5m", "-e", "A=b", "-C", str(tmp_path), "--native", "slurm.qos=low"]
    assert headway("run", *options, "--", "sh", "-c", "echo $A; pwd").stdout == f"b\n{tmp_path}\n"
    [job] = shown(headway, "name:asks")
    document = json.loads(headway("job", str(job["number"]), "--json").stdout)
    assert document["resources"] == {"cpu_cores_per_process": 2, "memory": 1 << 30}
    assert document["attributes"]["custom_attributes"] == {"slurm.qos": "low"}
    assert document["attributes"]["duration"] == 300


def test_what_only_a_cluster_can_heed_is_refused_for_a_command_that_runs_here(
    headway: Headway,
) -> None:
    done = headway("run", "--memory", "4G", "-e", "A=b", "--", "echo", "ran")
    assert (done.returncode, done.stdout) == (2, "")
    assert "without --cluster the command runs here" in done.stderr
    assert "--environment, --memory cannot be heeded" in done.stderr


def test_a_server_that_refuses_is_not_called_silent(headway: Headway, tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.touch(0o600)
    token.write_text("hw_of_nobody")
    done = run_in_time(headway, "--token-file", str(token), "--", "sh", "-c", "exit 3")
    assert done.returncode == 3
    assert "nothing is reported: http://" in done.stderr
    assert "says: this token is not known here" in done.stderr


def test_an_address_that_is_none_is_told_and_the_command_runs_all_the_same(
    headway: Headway,
) -> None:
    done = headway("run", "--url", "ftp://x", "--", "sh", "-c", "exit 3")
    assert done.returncode == 3
    assert "nothing is reported: 'ftp://x' is not a server's address" in done.stderr
    assert (
        "127.0.0.1:1 does not answer yet"
        in headway("run", "--url", "127.0.0.1:1", "--", "true").stderr
    )


def test_without_a_server_nothing_runs_on_a_cluster(headway: Headway) -> None:
    done = headway("run", "--url", "http://127.0.0.1:1", "--cluster", "local", "--", "echo", "ran")
    assert (done.returncode, done.stdout) == (5, "")


@pytest.mark.parametrize("text", ["gpu", "constraint=gpu", ".x=y"])
def test_a_native_option_names_its_scheduler(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["submit", "--native", text, "--", "true"]) == 2
    assert "slurm.constraint=gpu" in capsys.readouterr().err


def test_submit_and_run_have_the_same_options_for_a_job() -> None:
    for_submit = {param.name for param in submit.params}
    for_run = {param.name for param in run_command.params}
    assert for_submit - for_run == {"follow", "block", "key", "as_json", "array"}
    assert for_run - for_submit == {"quiet"}
