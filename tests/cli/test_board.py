from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from headway.cli.board import Board
from headway.cli.checks import clock_check, cluster_checks, file_system_check, version_check
from headway.cli.output import IN_VAIN
from headway.cli.portrait import worker_row
from headway.cli.reading import core_job, core_worker
from headway.cli.tables import job_row, long_state, short_state
from headway.core.model.state import State
from headway.sdk import model
from headway.sdk.message import Response
from headway.sdk.model import Cluster
from headway.views.text import Terminal

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
PLAIN = Terminal(width=79)


def job(name: str = "a", state: State = State.RUNNING, **more: object) -> model.JobSummary:
    fields = {"id": name, "number": 1, "kind": "command", "name": name, "created": AT}
    known = {**fields, "state": state, "updated": AT, "seq": 10, **more}
    return msgspec.convert(known, model.JobSummary)


def worker(current: float, **more: object) -> model.Worker:
    return msgspec.convert({"id": "w1", "current": current, "total": 10, **more}, model.Worker)


def lines_of(board: Board, *changes: model.Change, seq: int = 11) -> list[str]:
    return [news.line for news in board.take(model.Frame(seq, changes))]


def test_a_job_is_told_when_its_state_changes() -> None:
    board = Board(["a"])
    assert lines_of(board, model.JobChange(job())) == ["1 a: running"]
    assert lines_of(board, model.JobChange(job())) == []
    ended = job(state=State.FAILED, reason="nonzero_exit", exit_code=3)
    assert lines_of(board, model.JobChange(ended)) == ["1 a: failed: exit code 3"]
    assert board.all_ended
    assert not board.all_succeeded


def test_a_jobs_own_words_are_told() -> None:
    board = Board(["a"])
    list(board.take(model.Frame(1, (model.JobChange(job()),))))
    assert lines_of(board, model.JobChange(job(status_text="step\n2"))) == ["1 a: step 2"]


def test_an_older_answer_does_not_undo_a_newer_one() -> None:
    board = Board(["a"])
    lines_of(board, model.JobChange(job(state=State.SUCCEEDED, seq=20)))
    assert lines_of(board, model.JobChange(job(seq=10))) == []
    assert board.all_succeeded


def test_jobs_that_were_not_chosen_are_not_told() -> None:
    assert lines_of(Board(["a"]), model.JobChange(job("b"))) == []


def test_a_worker_is_told_when_it_has_moved() -> None:
    board = Board(["a"])
    lines_of(board, model.JobChange(job()))
    step = model.WorkerChange("a", worker(3, fraction=0.3, desc="x"))
    assert lines_of(board, step) == ["1 a: w1 30 % 3/10 x"]
    assert lines_of(board, step) == []


def test_in_the_list_of_all_workers_are_not_told() -> None:
    board = Board()
    lines_of(board, model.JobChange(job()))
    assert lines_of(board, model.WorkerChange("a", worker(3))) == [""]


def test_after_a_reset_the_board_is_stale_and_goes_on_from_there() -> None:
    board = Board(["a"])
    lines_of(board, model.JobChange(job()), model.Reset(), seq=99)
    assert (board.is_stale, board.after) == (True, 99)


def test_the_board_shows_bars() -> None:
    board = Board(["a"])
    lines_of(board, model.JobChange(job(progress=0.3)))
    lines_of(board, model.WorkerChange("a", worker(3, fraction=0.3, updated=AT, first_seen=AT)))
    told = "\n".join(board.lines(PLAIN, height=20, at=AT))
    assert "30 %" in told
    assert "█" in told


def test_the_list_keeps_a_job_that_has_ended_for_a_minute() -> None:
    board = Board()
    lines_of(board, model.JobChange(job(state=State.SUCCEEDED, ended=AT)))
    assert "succeeded" in board.lines(PLAIN, height=20, at=AT)[0]
    late = AT + timedelta(minutes=2)
    assert board.lines(PLAIN, height=20, at=late) == ["no job is running"]


def test_the_list_fits_the_screen() -> None:
    board = Board()
    changes = [model.JobChange(job(f"j{n}", number=n)) for n in range(50)]
    lines_of(board, *changes)
    shown = board.lines(PLAIN, height=10, at=AT)
    assert len(shown) == 10
    assert shown[-1] == "… and 41 more"


@pytest.mark.parametrize("stalled", [True, False])
def test_the_servers_word_on_a_stalled_worker_is_kept(stalled: bool) -> None:
    told = worker(3, stalled=stalled, updated=AT - timedelta(seconds=1), first_seen=AT)
    assert core_worker(told, "a", at=AT).stalled(at=AT, floor_s=0) is stalled


def test_the_servers_rate_is_kept() -> None:
    told = worker(30, total=100, rate_per_s=2.0, first_seen=AT - timedelta(seconds=10), updated=AT)
    assert core_worker(told, "a", at=AT).rate_per_s == pytest.approx(2.0)


def test_a_reason_that_is_new_to_us_does_no_harm() -> None:
    told = job(state=State.FAILED, reason="eaten_by_bear", kind="spell")
    assert core_job(told).reason is None
    assert (short_state(told), long_state(told)) == (
        "failed eaten by bear",
        "failed: eaten_by_bear",
    )


def test_a_job_that_waits_in_vain_says_so_and_stands_out() -> None:
    stuck = job(state=State.QUEUED, reason="cannot_start")
    assert short_state(stuck) == "queued cannot start"
    assert job_row(stuck, at=AT)[1].colours == (IN_VAIN,)


def test_control_characters_of_a_worker_do_not_reach_the_terminal() -> None:
    cells = worker_row(worker(1, id="w\x1b[2J", desc="a\x1b]0;x\x07\nb"))
    assert all("\x1b" not in cell.text and "\n" not in cell.text for cell in cells)


MOUNTS = """\
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
40 22 0:40 / /home rw - nfs4 server:/home rw
41 40 8:2 / /home/a\\040b rw - xfs /dev/sdb rw
"""


@pytest.mark.parametrize(
    ("path", "status", "kind"),
    [("/var", "ok", "ext4"), ("/home/x/data", "bad", "nfs4"), ("/home/a b/data", "ok", "xfs")],
)
def test_a_network_file_system_is_found_out(path: str, status: str, kind: str) -> None:
    check = file_system_check(Path(path), MOUNTS)
    assert check.status == status
    assert check.detail.startswith(kind)


@pytest.mark.parametrize(
    ("date", "status"),
    [
        ("Sun, 01 Mar 2026 12:00:00 GMT", "ok"),
        ("Sun, 01 Mar 2026 11:59:00 GMT", "warning"),
        ("Sun, 01 Mar 2026 12:01:00 GMT", "warning"),
        ("yesterday", "warning"),
    ],
)
def test_a_clock_that_is_off_is_found_out(date: str, status: str) -> None:
    response = Response(200, {"date": date})
    assert clock_check(response, asked=AT, answered=AT + timedelta(seconds=1)).status == status


def test_each_cluster_says_how_it_is() -> None:
    well = Cluster(name="hpc", kind="slurm", health="ok", queued=2, running=1, room=1)
    away = Cluster(name="slurm", kind="slurm", health="trouble", detail="squeue hangs", room=0)
    assert [(check.status, check.name, check.detail) for check in cluster_checks([well, away])] == [
        ("ok", "cluster hpc", "slurm, 2 queued, 1 running, would take 1 more job now"),
        (
            "bad",
            "cluster slurm",
            "squeue hangs; 0 queued, 0 running, would take 0 more jobs now",
        ),
    ]
    assert [check.status for check in cluster_checks([])] == ["warning"]


def test_versions_that_differ_are_told() -> None:
    assert version_check("1", "1").status == "ok"
    assert version_check("1", "2").status == "warning"
