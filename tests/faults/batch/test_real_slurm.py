"""A real server over a real Slurm whose daemons die, hang and come back, and whose administrators interfere."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from tests.faults.batch.real import ended, server_of, submitted, until
from tests.faults.counts import is_soak
from tests.faults.server.patience import eventually
from tests.faults.server.scripts import Gate
from tests.rigs.kept import require
from tests.rigs.processes import processes
from tests.rigs.slurm import PROGRAMS, Slurm

from headway.sdk.client import Client
from headway.testing.server import ServerProcess

SAYS_AWAY = {
    "killed": "executor_down",
    "frozen": "executor_slow",
    "killed for a minute": "executor_down",
}
AWAY = list(SAYS_AWAY) if is_soak() else ["killed", "frozen"]
_MINUTES_S = 180.0


@pytest.fixture(scope="module")
def slurm() -> Iterator[Slurm]:
    """A Slurm that keeps a job which it has put back into its queue waiting for seconds, not for two minutes."""
    require(PROGRAMS)
    with Slurm(cpus=16, cred_expire_s=5) as running:
        yield running


@pytest.fixture(scope="module")
def served(slurm: Slurm, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    with server_of(slurm, tmp_path_factory.mktemp("server")) as running:
        yield running.start()


@pytest.fixture(scope="module")
def client(served: ServerProcess) -> Iterator[Client]:
    with Client(served.url) as made:
        yield made


@pytest.fixture(scope="module")
def overlong(client: Client) -> str:
    """A job that Slurm itself ends after its minute; the other tests go on meanwhile."""
    return submitted(client, "exec sleep 300", time="1", nodelist="n1")


def native_id_of(client: Client, job_id: str) -> str:
    native_id = until(client, job_id, "running").native_id
    assert native_id is not None
    return native_id


class Twice(NamedTuple):
    """A job whose first run goes on until Slurm ends it, and whose second run ends by itself at once."""

    job_id: str
    ledger: Path

    def runs(self) -> int:
        """Count its runs."""
        return len(self.ledger.read_text().splitlines()) if self.ledger.exists() else 0


def twice(client: Client, place: Path, exit_code: int, **native: str) -> Twice:
    ledger = place / f"ledger{exit_code}"
    script = f"echo >>{ledger}; [ $(wc -l <{ledger}) -gt 1 ] && exit {exit_code}; exec sleep 300"
    return Twice(submitted(client, script, requeue="", **native), ledger)


@pytest.fixture(scope="module")
def put_back(
    overlong: str, client: Client, slurm: Slurm, tmp_path_factory: pytest.TempPathFactory
) -> Twice:
    """A job that an administrator has put back into the queue; the other tests go on while it waits there."""
    job = twice(client, tmp_path_factory.mktemp("job"), 6, nodelist="n1")
    native_id = native_id_of(client, job.job_id)
    eventually(job.runs, what="its first run")
    slurm.ask("scontrol", "requeue", native_id)
    return job


@pytest.fixture(scope="module")
def of_a_failed_node(
    put_back: Twice, client: Client, slurm: Slurm, tmp_path_factory: pytest.TempPathFactory
) -> Twice:
    """A job that may be run again, and that ran on a node that failed, and is up again."""
    fails = submitted(client, "exec sleep 300", nodelist="n2", **{"no-requeue": ""})
    goes_on = twice(client, tmp_path_factory.mktemp("job"), 5, nodelist="n2")
    until(client, fails, "running")
    until(client, goes_on.job_id, "running")
    eventually(goes_on.runs, what="its first run")
    slurm.set_node_down("n2")
    assert ended(client, fails)[:2] == ("failed", "node_fail")
    slurm.resume_node("n2")  # it may have said by itself that it is up
    return goes_on


def test_a_node_that_fails_is_told(of_a_failed_node: Twice, client: Client) -> None:
    job = until(client, of_a_failed_node.job_id, "queued", "running", "failed", attempt=2)
    assert (job.attempts[0].no, job.attempts[0].reason) == (1, "preempted")


def test_a_job_outlives_its_nodes_daemon_and_ends_truly(
    overlong: str, client: Client, slurm: Slurm, tmp_path: Path
) -> None:
    gates = {name: Gate(tmp_path / name) for name in ("while", "after")}
    jobs = {
        name: client.submit(
            gate.command("exit 4"),
            cluster="slurm",
            attributes={"custom_attributes": {"slurm.nodelist": "n3"}},
        ).id
        for name, gate in gates.items()
    }
    eventually(lambda: all(gate.is_reached() for gate in gates.values()), what="both run")
    slurm.kill_slurmd("n3")
    gates["while"].open()
    assert ended(client, jobs["while"]) == ("failed", "nonzero_exit", 4)
    slurm.start_slurmd("n3")
    gates["after"].open()
    assert ended(client, jobs["after"]) == ("failed", "nonzero_exit", 4)


def test_a_strangers_scancel_and_too_much_memory_are_told_in_words(
    overlong: str, client: Client, slurm: Slurm
) -> None:
    eats = "exec python3 -c 'x = bytearray(300 << 20)\nimport time\ntime.sleep(300)'"
    hungry = submitted(client, eats, mem="60M", nodelist="n1")
    array = client.submit(
        ["sh", "-c", f"[ $HEADWAY_ARRAY_INDEX = 1 ] || exit 0; {eats}"],
        cluster="slurm",
        array={"indices": "0-1"},
        attributes={"custom_attributes": {"slurm.mem": "60M", "slurm.nodelist": "n2"}},
    )
    waits = submitted(client, "true", hold="")
    runs = submitted(client, "exec sleep 300", nodelist="n1")
    queued = until(client, waits, "queued").native_id
    slurm.ask("scancel", native_id_of(client, runs), str(queued))
    assert ended(client, runs)[:2] == ("cancelled", "by_user")
    assert ended(client, waits)[:2] == ("cancelled", "by_user")
    assert ended(client, hungry)[:2] == ("failed", "out_of_memory")
    until(client, array.id, "failed")
    elements = {each.index: each for each in client.jobs(parent=array.id, limit=9)}
    assert (elements[0].state, elements[1].reason) == ("succeeded", "out_of_memory")


@pytest.mark.soak
@pytest.mark.parametrize("how", AWAY)
def test_while_the_controller_is_away_nothing_ends_and_all_goes_on_after(
    overlong: str, client: Client, slurm: Slurm, tmp_path: Path, how: str
) -> None:
    gate = Gate(tmp_path / "gate")
    runs = client.submit(gate.command("exit 3"), cluster="slurm").id
    until(client, runs, "running")
    eventually(gate.is_reached, what="it runs on its node, too")
    if how != "frozen":
        slurm.until_saved(f"headway:{runs}.1")
        slurm.kill_controller()
    else:
        slurm.freeze_controller()
    waits = submitted(client, "exit 2")
    eventually(lambda: client.job(waits).reason == SAYS_AWAY[how], what="it says so")
    if how == "frozen":
        gate.open()  # it ends while nobody can be asked
    assert client.job(waits).state == "accepted"
    assert client.job(runs).state == "running" or how == "frozen"
    if how == "killed for a minute":
        said = "that its own end would not be heard of"
        eventually(
            lambda: client.job(runs).reason == "unreachable", what=said, patience_s=_MINUTES_S
        )
        assert (client.job(runs).state, client.job(waits).state) == ("running", "accepted")
    slurm.mend()
    gate.open()
    assert ended(client, waits) == ("failed", "nonzero_exit", 2)
    assert ended(client, runs) == ("failed", "nonzero_exit", 3)
    eventually(lambda: commands_of(slurm) == [], what="no command that hangs is left")


def test_a_job_that_an_administrator_puts_back_is_its_next_attempt(
    put_back: Twice, client: Client
) -> None:
    assert ended(client, put_back.job_id) == ("failed", "nonzero_exit", 6)
    attempts = client.job(put_back.job_id).attempts
    assert [(one.no, one.reason) for one in attempts] == [(1, "preempted"), (2, "nonzero_exit")]
    assert put_back.runs() == 2


def test_a_job_of_a_node_that_failed_is_run_again(of_a_failed_node: Twice, client: Client) -> None:
    assert ended(client, of_a_failed_node.job_id) == ("failed", "nonzero_exit", 5)
    assert of_a_failed_node.runs() == 2


def test_an_end_that_slurm_has_forgotten_is_told_by_the_jobs_own_record(
    slurm_forgetful: Slurm, tmp_path: Path
) -> None:
    gate = Gate(tmp_path / "gate")
    with server_of(slurm_forgetful, tmp_path) as server:
        with Client(server.start().url) as client:
            job_id = client.submit(gate.command("exit 9"), cluster="slurm").id
            native_id = native_id_of(client, job_id)
        server.kill()
        gate.open()
        shown = ["scontrol", "show", "job", native_id]
        slurm_forgetful.wait(
            lambda: slurm_forgetful.run(shown).exit_code != 0, "Slurm to forget it"
        )
        with Client(server.start().url) as client:
            assert ended(client, job_id) == ("failed", "nonzero_exit", 9)


def test_slurms_own_time_limit_is_told(overlong: str, client: Client) -> None:
    assert ended(client, overlong)[:2] == ("failed", "timeout")


def commands_of(slurm: Slurm) -> list[str]:
    """Give the commands to this Slurm that run since long: those of its listing end at once."""
    conf = slurm.environment["SLURM_CONF"].encode()
    found = []
    for each in processes():
        if each.name in {"sbatch", "scancel"}:
            try:
                told = Path(f"/proc/{each.pid}/environ").read_bytes()
            except OSError:
                continue
            found += [each.name] if conf in told else []
    return found
