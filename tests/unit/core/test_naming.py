"""What a job is called when nobody says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headway.core.model.naming import MOST_CHARACTERS, name_of_command


@pytest.mark.parametrize(
    ("command", "name"),
    [
        ([], ""),
        (["/usr/bin/python3"], "python3"),
        (["/usr/bin/python3", "/data/train.py", "--epochs", "5"], "train.py"),
        (["python3.11", "-u", "-W", "ignore", "train.py"], "train.py"),
        (["Rscript", "--vanilla", "fit.R", "run7.csv"], "fit.R"),
        (["python3", "-c", "import train", "run7.csv"], "python3"),
        (["python3", "-m", "train", "run7.csv"], "python3"),
        (["perl", "-ne", "print", "run7.csv"], "perl"),
        (["python3", "train", "run7.csv"], "python3"),
        (["python3", "token=secret.key"], "python3"),
        (["./run/"], "run"),
        (["sh"], "sh"),
        (["sh", "script.sh"], "script.sh"),
        (["bash", "-eo", "pipefail", "./script.sh", "run7"], "script.sh"),
        (["bash", "script"], "bash"),
        (["sh", "-c"], "sh"),
        (["sh", "-c", ""], "sh"),
        (["sh", "-c", "exit 3"], "exit 3"),
        (["/bin/bash", "-euc", "echo hello"], "echo hello"),
        (["bash", "-o", "pipefail", "-c", "make all"], "make all"),
        (["sh", "-c", "echo hello; sleep 20"], "echo hello…"),
        (["sh", "-c", "cd /data && python train.py --epochs 5"], "python train.py…"),
        (["sh", "-c", "set -e\n# prepare\nexport A=1\n./fit run7"], "./fit run7"),
        (["sh", "-c", "TOKEN=secret curl https://x"], "curl https://x"),
        (["sh", "-c", "mysql --password=secret"], "mysql…"),
        (["sh", "-c", "login user=secret"], "login…"),
        (["sh", "-c", "wget https://me:secret@x"], "wget…"),
        (["sh", "-c", "cd /data"], "sh"),
        (["sh", "-c", "echo no beam >&2; exit 3"], "echo no beam…"),
        (["sh", "-c", "cat in | sort"], "cat in…"),
        (["sh", "-c", "echo $WORD"], "echo…"),
        (["sh", "-c", "if [ -e again ]; then echo second; else touch again; fi"], "echo second…"),
        (["sh", "-c", "[ -e x ] && exec sleep 600"], "sleep 600"),
        (["sh", "-c", "trap '' TERM; while :; do ./poll; done"], "./poll…"),
        (["sh", "-c", "for i in 1 2 3; do echo $i; done"], "for i in 1 2 3…"),
        (["sh", "-c", "a\x1b[2Jb"], "a [2Jb"),
        (["sh", "-c", "/" + "x" * 80], "/" + "x" * 38 + "…"),
    ],
)
def test_a_job_is_called_as_what_it_does(command: list[str], name: str) -> None:
    assert name_of_command(command) == name


@given(st.text())
def test_a_name_of_a_line_is_short_and_on_one_line(line: str) -> None:
    name = name_of_command(["sh", "-c", line])
    assert 0 < len(name) <= MOST_CHARACTERS
    assert name.isprintable()
