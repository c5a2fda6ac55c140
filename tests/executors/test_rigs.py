"""The real schedulers and the real sshd that tests here use do what those count on."""

import re
import subprocess
from pathlib import Path

import pytest
from tests.doubles.programs import double_programs
from tests.processes import ending
from tests.rigs.processes import process
from tests.rigs.sge import GridEngine
from tests.rigs.slurm import Slurm
from tests.rigs.sshd import Sshd


def test_slurm_runs_a_job_to_its_end(slurm: Slurm) -> None:
    job_id = slurm.submit("exit 3")
    assert slurm.until(job_id, "FAILED")["ExitCode"] == "3:0"


def test_a_controller_that_was_killed_keeps_what_it_had_saved(slurm: Slurm) -> None:
    job_id = slurm.submit("sleep 600", "--comment=kept over a kill")
    slurm.until_saved("kept over a kill")
    slurm.kill_controller()
    slurm.start_controller()
    assert slurm.job(job_id)["Comment"].startswith("kept")
    slurm.ask("scancel", job_id)


def test_a_node_that_is_set_down_fails_its_job_and_can_be_mended(slurm: Slurm) -> None:
    job_id = slurm.submit("sleep 600", "--no-requeue", "--nodelist=n3")
    slurm.until(job_id, "RUNNING")
    slurm.set_node_down("n3")
    slurm.until(job_id, "NODE_FAIL")
    slurm.mend()
    assert slurm.node_state("n3") in ("idle", "completing")


def test_a_slurmd_that_was_killed_is_mended(slurm: Slurm) -> None:
    slurm.kill_slurmd("n2")
    slurm.mend()
    slurm.until(slurm.submit("true", "--nodelist=n2"), "COMPLETED")


@pytest.mark.parametrize(
    ("scheduler", "submits", "ends"), [("lsf", ("bsub", "sh"), "bkill"), ("pbs", ("qsub",), "qdel")]
)
def test_a_job_of_a_played_scheduler_that_does_not_hear_is_killed(
    slurm: Slurm, tmp_path: Path, scheduler: str, submits: tuple[str, ...], ends: str
) -> None:
    programs = double_programs(scheduler)
    script, said = tmp_path / "script", tmp_path / "pid"
    lines = ("trap '' TERM", f"echo $$ >{said}.new", f"mv {said}.new {said}")
    script.write_text("\n".join((*lines, "while :; do sleep 0.05; done")))
    program, *words = submits
    told = slurm.ask(programs[program], *words, str(script))
    slurm.wait(said.exists, "the job to run")
    pid = int(said.read_text())
    number = re.findall(r"\d+", told)[0]
    slurm.ask(programs[ends], number)
    slurm.wait(lambda: process(pid) is None, "its end")


def test_accounting_tells_of_a_job(slurm_dbd: Slurm) -> None:
    job_id = slurm_dbd.submit("true")
    argv = ("sacct", "--noheader", "--allocations", "--format=state", f"--jobs={job_id}")
    slurm_dbd.wait(lambda: slurm_dbd.ask(*argv) == "COMPLETED", "accounting")


def test_databases_that_run_side_by_side_remove_no_tables_of_each_other(slurm_dbd: Slurm) -> None:
    socket = slurm_dbd.directory / "run" / "mysql.sock"
    mariadb = (
        "mariadb",
        "--no-defaults",
        f"--socket={socket}",
        "--user=root",
        "--skip-column-names",
    )
    place = slurm_dbd.ask(*mariadb, "--execute=select @@tmpdir")
    assert Path(place) == slurm_dbd.directory.resolve() / "tmp"


def test_grid_engine_runs_a_job_to_its_end(sge: GridEngine) -> None:
    assert sge.until_ended(sge.submit("exit 3"))["exit_status"] == "3"


def test_a_qmaster_that_was_killed_keeps_its_job(sge: GridEngine) -> None:
    job_id = sge.submit("sleep 600")
    sge.until(job_id, "r")
    sge.kill_qmaster()
    sge.mend()
    assert sge.queue()[job_id] == "r"
    sge.clear()


def test_a_cut_ends_the_connection_and_not_what_runs_there(sshd: Sshd) -> None:
    argv = ["ssh", "-F", str(sshd.config), sshd.host, "echo $$; exec sleep 600"]
    with ending(subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE)) as client:
        assert client.stdout is not None
        pid = int(client.stdout.readline())
        sshd.stop_listening()
        assert sshd.connections() == 1
        sshd.cut_connections()
        assert client.wait(timeout=60) == 255
        assert process(pid) is not None


def test_a_host_that_does_not_listen_is_reached_again_when_it_does(sshd: Sshd) -> None:
    argv = ("ssh", "-F", str(sshd.config), sshd.host, "echo there")
    sshd.stop_listening()
    assert sshd.run(argv).exit_code == 255
    sshd.listen()
    assert sshd.ask(*argv) == "there"


def test_slurm_is_there_for_those_who_log_in(login_node: Sshd, slurm: Slurm) -> None:
    argv = ("ssh", "-F", str(login_node.config), login_node.host, "scontrol ping")
    assert "is UP" in login_node.ask(*argv)
