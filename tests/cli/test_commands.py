"""Every command against a real server, as a user types it."""

import json
import re
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import IO

import pytest
from tests.cli.conftest import Headway, run_in_time
from tests.processes import ending

from headway.testing.server import ServerProcess, running_server


def submitted(headway: Headway, *args: str) -> str:
    done = headway("submit", *args)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_a_submit_prints_the_number_and_nothing_else(headway: Headway) -> None:
    done = headway("submit", "--", "true")
    assert re.fullmatch(r"[0-9]+\n", done.stdout)
    assert done.stderr == ""


def test_a_submit_that_is_followed_gives_the_jobs_two_outputs(headway: Headway) -> None:
    done = headway("submit", "-f", "--", "sh", "-c", "echo out; echo err >&2")
    assert (done.returncode, done.stdout) == (0, "out\n")
    lines = done.stderr.splitlines()
    assert [line for line in lines if not line.startswith("headway: ")] == ["err"]


def test_a_job_that_fails_gives_the_status_1(headway: Headway) -> None:
    done = headway("submit", "--block", "--", "sh", "-c", "exit 7")
    assert done.returncode == 1
    assert "failed: exit code 7" in done.stderr


def test_a_job_that_cannot_start_says_what_is_missing(headway: Headway) -> None:
    followed = headway("submit", "--follow", "--", "./absent")
    assert followed.returncode == 1
    assert "could not be started: the executable './absent'" in followed.stderr
    waited = headway("wait", submitted(headway, "--", "./absent"))
    assert waited.returncode == 1
    assert "could not be started: the executable './absent'" in waited.stdout


def test_a_job_runs_where_it_was_submitted_with_what_it_was_given(
    headway: Headway, tmp_path: Path
) -> None:
    script = 'pwd; echo "$A"; cat'
    (tmp_path / "text").write_text("typed")
    done = headway("submit", "-f", "-e", "A=b=c", "--stdin", "text", "--", "sh", "-c", script)
    assert done.stdout == f"{tmp_path}\nb=c\ntyped"


def test_what_was_submitted_can_be_read_back(headway: Headway) -> None:
    options = "--name n -l a -l b --duration 1h --cores 2 --memory 1G --queue q --account acc"
    number = submitted(headway, *options.split(), "--own-directory", "--", "true", "-x", "--name")
    job = json.loads(headway("job", number, "--json").stdout)
    assert (job["name"], job["labels"]) == ("n", ["a", "b"])
    assert job["command"] == ["true", "-x", "--name"]
    assert job["directory"] is None
    assert job["resources"] == {"cpu_cores_per_process": 2, "memory": 2**30}
    assert job["attributes"] == {"duration": 3600.0, "queue_name": "q", "account": "acc"}


def test_the_same_key_makes_one_job(headway: Headway) -> None:
    first = submitted(headway, "--idempotency-key", "k1", "--", "true")
    assert submitted(headway, "--idempotency-key", "k1", "--", "true") == first
    other = headway("submit", "--idempotency-key", "k1", "--", "false")
    assert other.returncode == 2


def test_jobs_lists_what_fits(headway: Headway) -> None:
    number = submitted(headway, "--name", "needle", "-l", "campaign-3", "--", "true")
    headway("wait", number)
    for query in (["needle"], ["label:campaign-3", "state:ended"], ["--name", "needle"]):
        lines = headway("jobs", *query).stdout.splitlines()
        assert [line.split()[0] for line in lines] == ["NUMBER", number]
    assert headway("jobs", "needle", "-s", "failed").stderr == "headway: no such jobs\n"


def test_a_query_that_cannot_be_understood_is_wrong_usage(headway: Headway) -> None:
    done = headway("jobs", "x", "nofield:x")
    assert (done.returncode, done.stdout) == (2, "")
    assert "at character 3: there is no field 'nofield'" in done.stderr


def test_queries_say_more_than_options(headway: Headway) -> None:
    one = submitted(headway, "--name", "calib one", "-l", "grammar", "--", "true")
    other = submitted(headway, "--name", "merge", "-l", "grammar", "--", "false")
    headway("wait", one, other)
    for query, found in (
        (["label:grammar", "name:cal*"], [one]),
        (["label:grammar", "NOT", "state:failed"], [one]),
        (["label:grammar exit_code:>0 created:>1h"], [other]),
        (["name:calib one", "label:grammar"], [one]),
        (["name:(merge OR none)", "-l", "grammar"], [other]),
    ):
        lines = headway("jobs", *query).stdout.splitlines()[1:]
        assert [line.split()[0] for line in lines] == found


def test_a_filter_is_kept_used_and_deleted(headway: Headway) -> None:
    number = submitted(headway, "--name", "kept", "-l", "filtered", "--", "true")
    assert headway("filters", "save", "mine", "label:filtered", "name:kept").returncode == 0
    assert "label:filtered name:kept" in headway("filters", "list").stdout
    assert json.loads(headway("filters", "list", "--json").stdout)["filters"][0]["name"] == "mine"
    assert number in headway("jobs", "--filter", "mine").stdout
    assert headway("jobs", "--filter", "mine", "NOT name:kept").stderr.endswith("no such jobs\n")
    other = headway("jobs", "--filter", "other")
    assert other.returncode == 3
    assert other.stderr == "headway: you have no filter called 'other'; yours: mine\n"
    assert headway("filters", "save", "bad", "nofield:x").returncode == 2
    assert headway("filters", "delete", "mine").returncode == 0
    assert headway("filters", "delete", "mine").returncode == 3
    assert "no filters" in headway("filters", "list").stderr


def test_jobs_as_json_are_one_document(headway: Headway) -> None:
    numbers = [int(submitted(headway, "-l", "three", "--", "true")) for _ in range(3)]
    page = json.loads(headway("jobs", "label:three", "-n", "2", "--json").stdout)
    assert [job["number"] for job in page["jobs"]] == [numbers[2], numbers[1]]
    assert page["next"]
    everything = json.loads(headway("jobs", "label:three", "--all", "--json").stdout)
    assert [job["number"] for job in everything["jobs"]] == numbers[::-1]
    assert everything["next"] is None


def test_of_no_jobs_the_joined_document_is_empty(headway: Headway) -> None:
    done = headway("jobs", "label:none-such", "--all", "--json")
    assert json.loads(done.stdout) == {"jobs": [], "next": None}


def test_a_job_is_shown_to_people(headway: Headway) -> None:
    number = submitted(headway, "--name", "shown", "--", "sh", "-c", "exit 3")
    headway("wait", number)
    told = headway("job", number).stdout
    assert told.startswith(f"Job {number} shown\n")
    assert "failed: exit code 3" in told
    assert "command     sh -c 'exit 3'" in told


def test_a_job_that_is_not_there_gives_the_status_3(headway: Headway) -> None:
    for command in ("job", "logs", "wait", "kill", "watch", "open"):
        done = headway(command, "999999")
        assert (command, done.returncode, done.stdout) == (command, 3, "")
        assert "999999" in done.stderr


def test_logs_are_the_bytes_that_were_written(headway: Headway) -> None:
    number = submitted(headway, "--", "printf", r"a\033[31mb\r\n\001")
    headway("wait", number)
    assert headway("logs", number).stdout == "a\x1b[31mb\r\n\x01"


def test_the_end_of_a_log_can_be_asked_for(headway: Headway) -> None:
    number = submitted(headway, "--", "sh", "-c", "seq 100; seq 5 >&2")
    headway("wait", number)
    assert headway("logs", "--tail", "2", "--stdout", number).stdout == "99\n100\n"
    assert headway("logs", "--tail", "1", "--stderr", number).stdout == "5\n"
    both = headway("logs", "--tail", "1", number)
    assert (both.stdout, both.stderr) == ("100\n", "5\n")


def test_a_log_is_followed_to_its_end(headway: Headway) -> None:
    number = submitted(headway, "--", "sh", "-c", "seq 3; sleep 0.5; seq 4 6")
    assert headway("logs", "-f", number).stdout.split() == ["1", "2", "3", "4", "5", "6"]


def test_waiting_tells_how_each_job_ended(headway: Headway) -> None:
    good, bad = submitted(headway, "--", "true"), submitted(headway, "--", "false")
    done = headway("wait", good, bad)
    assert done.returncode == 1
    assert sorted(done.stdout.splitlines()) == [f"{good} succeeded", f"{bad} failed: exit code 1"]


def test_all_that_a_query_finds_is_waited_for(headway: Headway) -> None:
    submitted(headway, "--label", "other", "--", "false")
    ours = {submitted(headway, "--label", "night", "--", "sleep", each) for each in ("0", "0.2")}
    done = headway("wait", "label:night")
    assert done.returncode == 0
    assert set(done.stdout.splitlines()) == {f"{number} succeeded" for number in ours}


def test_waiting_for_what_no_query_finds_is_no_success(headway: Headway) -> None:
    done = headway("wait", "label:nothing-has-it")
    assert (done.returncode, done.stdout) == (3, "")
    assert "no job is found by 'label:nothing-has-it'" in done.stderr


def test_waiting_as_json_is_a_document_a_line(headway: Headway) -> None:
    number = submitted(headway, "--", "true")
    ended = json.loads(headway("wait", number, "--json").stdout)
    assert (ended["number"], ended["state"]) == (int(number), "succeeded")


def test_waiting_gives_up_with_the_status_124_and_the_job_goes_on(headway: Headway) -> None:
    number = submitted(headway, "--", "sleep", "60")
    done = headway("wait", number, "--timeout", "0.3")
    assert done.returncode == 124
    assert "it goes on" in done.stderr
    assert headway("kill", number, "--wait").stdout.startswith(f"{number} cancelled")


def test_kill_goes_on_after_one_that_is_not_there(headway: Headway) -> None:
    number = submitted(headway, "--", "sleep", "60")
    done = headway("kill", "999999", number, "--wait", "--json")
    assert done.returncode == 3
    assert json.loads(done.stdout)["state"] == "cancelled"


def test_watching_off_a_terminal_prints_a_line_a_change(headway: Headway) -> None:
    number = submitted(headway, "--name", "seen", "--", "sleep", "0.5")
    done = headway("watch", number)
    assert done.returncode == 0
    assert done.stdout.splitlines()[-1] == f"{number} seen: succeeded"
    assert "\x1b" not in done.stdout


def test_watching_as_json_is_a_change_a_line(headway: Headway) -> None:
    number = submitted(headway, "--", "sleep", "0.5")
    changes = [json.loads(line) for line in headway("watch", number, "--json").stdout.splitlines()]
    assert changes[0]["type"] == "job"
    jobs = [change["job"] for change in changes if change["type"] == "job"]
    assert jobs[-1]["state"] == "succeeded"


def test_progress_is_made_told_and_shown(headway: Headway) -> None:
    made = json.loads(headway("progress", "create", "night 1", "--workers", "2", "--json").stdout)
    assert headway("progress", "update", "night 1", "w1", "30", "100").returncode == 0
    headway("progress", "update", "night 1", "w2", "5", "10", "--ok", "0", "--desc", "flagging")
    told = headway("progress", "show", "night 1").stdout
    assert "30 %" in told
    assert "flagging" in told
    shown = json.loads(headway("progress", "show", "night 1", "--json").stdout)
    assert shown["job"]["id"] == made["id"]
    assert [worker["ok"] for worker in shown["workers"]] == [True, False]


def test_a_progress_name_that_nobody_uses_is_not_found(headway: Headway) -> None:
    done = headway("progress", "show", "nobody's")
    assert done.returncode == 3
    assert "no job is called" in done.stderr
    numbered = headway("progress", "show", "4711").stderr
    assert (
        numbered == "headway: no job is called '4711': a job's number is for `headway watch 4711`\n"
    )


def test_a_token_is_printed_once_and_can_be_revoked(headway: Headway) -> None:
    made = json.loads(headway("token", "new", "-s", "read", "--note", "x", "--json").stdout)
    listed = json.loads(headway("token", "list", "--json").stdout)["tokens"]
    assert made["id"] in [token["id"] for token in listed]
    assert made["token"] not in json.dumps(listed)
    assert headway("token", "revoke", made["id"]).returncode == 0
    line = next(s for s in headway("token", "list").stdout.splitlines() if made["id"] in s)
    assert "revoked" in line


def test_a_token_that_means_nothing_is_refused(headway: Headway) -> None:
    done = headway("jobs", HEADWAY_TOKEN="hw_nonsense")
    assert done.returncode == 4


def test_open_prints_the_address_of_the_page(headway: Headway, server: ServerProcess) -> None:
    number = submitted(headway, "--", "true")
    assert headway("open").stdout == f"{server.url}/\n"
    assert headway("open", number).stdout == f"{server.url}/j/{number}\n"
    assert "url" in json.loads(headway("open", number, "--json").stdout)


def test_the_doctor_finds_nothing_bad(headway: Headway) -> None:
    done = headway("doctor", "--json")
    checks = {check["name"]: check["status"] for check in json.loads(done.stdout)["checks"]}
    assert done.returncode == 0, done.stdout
    assert {"program", "server", "versions", "clock", "identity", "data"} <= set(checks)
    assert "bad" not in checks.values()


def test_run_passes_input_output_and_status_on(headway: Headway) -> None:
    done = run_in_time(headway, "--name", "ran", "--", "sh", "-c", "echo out; exit 9")
    assert (done.returncode, done.stdout) == (9, "out\n")
    number = done.stderr.strip().rpartition("/j/")[2]
    # What cannot be told before the command's end is over is told by the spool.
    job = json.loads(headway("wait", number, "--json").stdout)
    assert (job["name"], job["kind"]) == ("ran", "report")
    assert (job["state"], job["exit_code"]) == ("failed", 9)


def test_a_server_that_is_not_there_gives_the_status_5(headway: Headway) -> None:
    done = headway("jobs", "--url", "http://127.0.0.1:9")
    assert (done.returncode, done.stdout) == (5, "")
    assert "headway serve" in done.stderr


def test_ctrl_c_ends_the_watching_and_not_the_job(
    headway: Headway, user: Mapping[str, str]
) -> None:
    number = submitted(headway, "--", "sleep", "60")
    with ending(
        subprocess.Popen(
            [sys.executable, "-m", "headway", "watch", number],
            env=dict(user),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
    ) as watching:
        assert watching.stdout is not None
        assert f"{number} sleep: running\n" in iter(watching.stdout.readline, "")
        watching.send_signal(signal.SIGINT)
        _, told = watching.communicate(timeout=60)
    assert watching.returncode == 130
    assert f"headway kill {number}" in told
    state = json.loads(headway("job", number, "--json").stdout)["state"]
    assert state == "running"
    headway("kill", number)


def test_a_reader_that_goes_away_is_no_trouble(headway: Headway, user: Mapping[str, str]) -> None:
    number = submitted(headway, "--", "seq", "1000000")
    headway("wait", number)
    pipe = subprocess.run(
        ["sh", "-c", f'"{sys.executable}" -m headway logs {number} | head -n 1'],
        env=dict(user),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert (pipe.stdout, pipe.stderr) == ("1\n", "")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_completes_commands(headway: Headway, shell: str) -> None:
    assert "_HEADWAY_COMPLETE" in headway("completion", shell).stdout
    # fish gives the word at the cursor itself instead of its place.
    words = {"COMP_WORDS": "headway jo", "COMP_CWORD": "jo" if shell == "fish" else "1"}
    told = headway(_HEADWAY_COMPLETE=f"{shell}_complete", **words).stdout
    assert re.search(r"\bjobs\b", told)


def test_following_and_waiting_survive_a_restart_of_the_server(
    user: Mapping[str, str], tmp_path: Path
) -> None:
    script = "seq 3; while [ ! -e go ]; do sleep 0.05; done; seq 4 6"
    with running_server(tmp_path / "data") as server, ExitStack() as stack:

        def begin(*args: str) -> tuple[subprocess.Popen[str], IO[str]]:
            command = [sys.executable, "-m", "headway", *args]
            environment = {**user, **server.environment}
            process = subprocess.Popen(
                command, env=environment, cwd=tmp_path, stdout=subprocess.PIPE, text=True
            )
            assert process.stdout is not None
            return stack.enter_context(ending(process)), process.stdout

        blocked, told = begin("submit", "--block", "--", "sh", "-c", script)
        number = told.readline().strip()
        following, log = begin("logs", "-f", number)
        assert log.readline() == "1\n"
        server.kill()
        server.start(port=int(server.url.rpartition(":")[2]))
        (tmp_path / "go").touch()
        assert log.read().split() == ["2", "3", "4", "5", "6"]
        assert (following.wait(60), blocked.wait(60)) == (0, 0)
