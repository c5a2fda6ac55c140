"""Every example of moi's README, compared line by line; and what the command says when it cannot."""

import re
import shlex
from functools import partial
from pathlib import Path

import pytest
from tests.faults.server.patience import eventually
from tests.moi.conftest import ORIGINALS, Moi, Said

from headway.moi.service import service
from headway.sdk.client import Client
from headway.testing.server import running_server

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_TIME = re.compile(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}\.\d{6}")
#: The block of userjobs has blanks where moi wrote tabs.
_BLANKS = re.compile(r"^([a-z_]+) +: ")
_BETWEEN = re.compile(r" {4}(id|status): ")
_SLEEP = "sleep 10"


def examples() -> list[tuple[list[str], list[str]]]:
    """Give each command of the README with the lines that it is said to print."""
    text = (ORIGINALS / "README.md").read_text()
    found: list[tuple[list[str], list[str]]] = []
    for block in re.findall(r"```(?:bash)?\n(\$ .*?)```", text, re.DOTALL):
        for part in re.split(r"(?m)^\$ (?:\./)?moi ", block)[1:]:
            command, _, printed = part.partition("\n")
            found.append((shlex.split(command), printed.rstrip("\n").split("\n")))
    return found


def plain(lines: list[str]) -> list[str]:
    """Leave out what no two runs, Pythons or shells say alike; blanks become the tabs that moi wrote."""
    kept: list[str] = []
    for line in lines:
        if line.startswith(("  File ", "    ", "   ^")):
            continue  # a traceback's frame
        text = _TIME.sub("TIME", _ID.sub("ID", line)).replace("u'", "'").rstrip()
        text = _BLANKS.sub(lambda m: f"{m[1]}\t\t: " if len(m[1]) < 8 else f"{m[1]}\t: ", text)
        text = _BETWEEN.sub(r"\t\1: ", text)
        text = re.sub(r"^stderr: /bin/sh: .*foobar.*not found$", "stderr: /bin/sh: foobar", text)
        kept.append(text.replace("'crash and burn'", "crash and burn"))
    while kept and not kept[-1]:
        kept.pop()
    return kept


def statuses(lines: list[str]) -> list[str]:
    return re.findall(r"\bstatus\t*: (\w+)", "\n".join(lines))


def test_every_example_of_the_readme_prints_what_it_says(moi: Moi, tmp_path: Path) -> None:
    go_on = tmp_path / "go-on"
    waiting = f"until [ -e {go_on} ]; do sleep 0.02; done"
    shown = examples()
    assert len(shown) == 10
    last_id = ""
    for command, printed in shown:
        wanted = plain(printed)
        words = [_ID.sub(last_id, word).replace(_SLEEP, waiting) for word in command]
        if words[0] == "job" and statuses(wanted) == ["Failed"]:
            go_on.touch()
        lines = eventually(partial(_lines, moi, words, wanted), what=f"moi {words}")
        assert plain([line.replace(waiting, _SLEEP) for line in lines]) == wanted
        last_id = (_ID.search("\n".join(lines)) or [last_id])[0]


def _lines(moi: Moi, words: list[str], wanted: list[str]) -> list[str] | None:
    """Give what is printed; None while a job that is asked for is not as far as it will be."""
    said = moi(*words)
    lines = (said.out + said.err).split("\n")
    is_there = words[0] == "submit" or statuses(plain(lines)) == statuses(wanted)
    return lines if is_there else None


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("submit", "--cmd", "return 1", "--context", "nowhere"), "Unknown context: nowhere"),
        (("userjobs", "--key", "nobody"), "Unknown key: nobody"),
        (("job", "--job-id", "nonsense"), "Does not look like a job id"),
        (("job", "--job-id", "00000000-0000-4000-8000-000000000000"), "Job ID not found"),
    ],
)
def test_what_cannot_be_is_said_as_moi_said_it(moi: Moi, words: tuple[str, ...], told: str) -> None:
    assert moi(*words) == Said(1, "", f"{told}\n")


def test_a_key_that_is_not_known_makes_no_user(moi: Moi) -> None:
    moi("userjobs", "--key", "never-seen")
    assert "never-seen" not in moi("users").out


def test_where_nobody_submitted_there_are_no_users(
    moi: Moi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running_server(tmp_path / "data") as fresh:
        for name, value in fresh.environment.items():
            monkeypatch.setenv(name, value)
        assert moi("users") == Said(1, "", "No user-id-map found\n")
        moi("userjobs", "--key", "nobody")
        assert moi("users").code == 1


def test_why_a_job_has_no_result_is_printed_as_words(moi: Moi) -> None:
    kill = "import os; os.kill(os.getpid(), 9)"
    assert (
        "result\t\t: Traceback (most recent call last):\nsignal: "
        in moi("submit", "--block", "--cmd", kill).out
    )
    job = moi("submit", "--cmd", "import time; time.sleep(600)").out.split()[-1]
    with Client(service().url) as client:
        client.cancel(job)
        client.wait(job)
    assert "\nresult\t\t: cancelled: by " in moi("job", "--job-id", job).out


def test_users_are_listed_by_their_names_with_their_ids(moi: Moi) -> None:
    moi("submit", "--cmd", "return 1", "--user", "zoe")
    moi("submit", "--cmd", "return 1", "--user", "adam")
    lines = moi("users").out.splitlines()
    assert lines == sorted(lines)
    assert {line.partition(" : ")[0] for line in lines} >= {"adam", "zoe"}
    user_id = next(line for line in lines if line.startswith("zoe")).partition(" : ")[2]
    assert moi("userjobs", "--key", user_id, "--summary").out.count("\n") == 1


def test_python_code_may_be_several_lines(moi: Moi) -> None:
    said = moi("submit", "--block", "--cmd", "x = 1\nfor n in range(3):\n    x += n\nreturn x")
    assert said.out.endswith("result\t\t: 4\n\n")


def test_what_returns_nothing_has_the_result_none(moi: Moi) -> None:
    assert "result\t\t: None" in moi("submit", "--block", "--cmd", "1 + 1").out
