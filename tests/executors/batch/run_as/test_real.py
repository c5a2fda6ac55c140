"""A server that runs jobs on a real Slurm as their owners, through a real sudo: what each user gets, and cannot get at."""

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.conftest import NEEDS_ROOT
from tests.executors.batch.run_as.installed import OTHER, USER
from tests.executors.batch.run_as.machine import PROGRAMS, Machine
from tests.faults.counts import is_soak
from tests.faults.server.patience import eventually
from tests.rigs import slurm as slurm_rig
from tests.rigs.kept import require
from tests.rigs.slurm import Slurm

from headway.core.errors import Forbidden, HeadwayError, NotFound
from headway.sdk.client import Client
from headway.sdk.model import JobDocument
from headway.testing.server import ServerProcess

_SERVER = """\
[server]
default_cluster = "slurm"
[sandbox]
stage_roots = ["/usr/share"]
"""
_CLUSTER = """\
[cluster.{name}]
kind = "slurm"
directory = "{place}/cluster/{{user}}/{name}"
run_as = "sudo"
run_as_program = "{program}"
run_as_directory = "{place}/run-as"
environment = {{ SLURM_CONF = "{conf}" }}
programs = {{ sbatch = "{place}/bin/sbatch" }}
list_every_s = 0.5
list_share = 0.5
[cluster.{name}.users]
alice = "games"
bob = "nobody"
mallory = "daemon"
"""


class Site:
    """The server, its machine, and clients of its users: alice is ``games``, bob ``nobody``; mallory sudo knows nothing of."""

    def __init__(self, machine: Machine, server: ServerProcess, slurm: Slurm) -> None:
        self.machine = machine
        self.server = server
        self.slurm = slurm
        self._clients: dict[str, Client] = {}
        self.tokens = {
            name: machine.token(server, name)
            for name in ("alice", "bob", "mallory", "eve", "root", "backup")
        }

    def client(self, user: str) -> Client:
        """Speak to the server as a user."""
        if user not in self._clients:
            self._clients[user] = Client(self.server.url, token=self.tokens[user])
        return self._clients[user]

    def restart(self) -> None:
        """Kill the server, and start another one on its data."""
        self.close()
        self.server.kill()
        self.server.start()

    def close(self) -> None:
        """Hang up."""
        for client in self._clients.values():
            client.close()
        self._clients.clear()

    def place(self, job: JobDocument, user: str = "games") -> Path:
        """Give where a job's files are."""
        root = self.machine.place / "cluster" / user / "slurm"
        return root / str(job.id)[-2:] / f"{job.id}.{job.attempt}"

    def until(
        self, client: Client, job: JobDocument, holds: Callable[[JobDocument], bool]
    ) -> JobDocument:
        """Wait until something is true of a job."""

        def asked() -> JobDocument | None:
            now = client.job(job.id)
            return now if holds(now) else None

        return eventually(asked, what=f"job {job.number}")

    def ended(self, client: Client, job: JobDocument) -> JobDocument:
        """Wait for a job's end."""
        return self.until(client, job, lambda now: now.ended is not None)


#: Once told so it takes bob's job, and never says that it did.
_SBATCH = """\
#!/bin/sh
[ "$(id -un)" = nobody ] && [ -e {place}/lose ] || exec {sbatch} "$@"
{sbatch} "$@" >/dev/null
exec sleep 100
"""


def _configuration(machine: Machine, slurm: Slurm) -> str:
    return _SERVER + _CLUSTER.format(
        name="slurm",
        place=machine.place,
        program=machine.program,
        conf=slurm.environment["SLURM_CONF"],
    )


@pytest.fixture(scope="module")
def site(slurm: Slurm) -> Iterator[Site]:
    """One server for all tests here."""
    require({**PROGRAMS, **slurm_rig.PROGRAMS})
    if os.geteuid() != 0:
        pytest.skip(f"{NEEDS_ROOT}: it is several users")
    with Machine() as machine, machine.server(_configuration(machine, slurm)) as server:
        sbatch = machine.place / "bin" / "sbatch"
        sbatch.write_text(_SBATCH.format(place=machine.place, sbatch=shutil.which("sbatch")))
        sbatch.chmod(0o755)
        server.start()
        made = Site(machine, server, slurm)
        yield made
        made.close()


@pytest.fixture(scope="module")
def done(site: Site) -> JobDocument:
    """A job of alice's that has ended."""
    alice = site.client("alice")
    return site.ended(alice, alice.submit(["sh", "-c", "id -un; pwd; env"]))


def test_a_job_runs_as_its_owners_account_and_all_its_files_are_that_accounts(
    site: Site, done: JobDocument
) -> None:
    assert (done.state, done.owner) == ("succeeded", "alice")
    assert site.client("alice").log(done.id).startswith(b"games\n")
    owners = {path.lstat().st_uid for path in (site.place(done), *site.place(done).iterdir())}
    assert owners == {USER.pw_uid}
    assert site.place(done).stat().st_mode & 0o077 == 0


def test_nothing_of_the_servers_environment_reaches_a_job(site: Site, done: JobDocument) -> None:
    lines = site.client("alice").log(done.id).splitlines()
    told = dict(line.split(b"=", 1) for line in lines if b"=" in line)
    assert told[b"HOME"] == USER.pw_dir.encode()
    assert told[b"USER"] == b"games"
    assert b"HEADWAY_SPOOL" not in told
    assert not [name for name in told if name.startswith((b"SUDO_", b"XDG_", b"PYTEST"))]


def test_users_do_not_see_end_or_read_one_anothers_jobs(site: Site) -> None:
    alice, bob = site.client("alice"), site.client("bob")
    job = alice.submit(["sleep", "60"])
    other = bob.submit(["id", "-un"])
    site.until(alice, job, lambda now: now.state == "running")
    for ask in (bob.job, bob.log, bob.cancel, bob.native, bob.why):
        with pytest.raises(NotFound):
            ask(job.id)
    alice.cancel(job.id)
    assert site.ended(alice, job).state == "cancelled"
    assert site.ended(bob, other).state == "succeeded"
    assert bob.log(other.id) == b"nobody\n"


def test_a_user_without_an_account_is_refused_in_words(site: Site) -> None:
    eve = site.client("eve")
    job = site.ended(eve, eve.submit(["id"]))
    assert (job.state, job.reason) == ("failed", "not_started")
    assert "no account 'eve'" in (job.error.message if job.error else "")


@pytest.mark.parametrize("user", ["root", "backup"])
def test_nothing_runs_as_root_or_as_the_server(site: Site, user: str) -> None:
    client = site.client(user)
    job = site.ended(client, client.submit(["id"]))
    assert (job.state, job.reason) == ("failed", "not_started")
    assert user in (job.error.message if job.error else "")


def test_a_user_whom_sudo_does_not_allow_is_refused_in_sudos_words(site: Site) -> None:
    mallory = site.client("mallory")
    job = site.ended(mallory, mallory.submit(["id"]))
    assert (job.state, job.reason) == ("failed", "not_started")
    assert "nothing can be run as daemon on this machine: sudo:" in (
        job.error.message if job.error else ""
    )


def test_nobody_else_is_the_servers_user_on_another_cluster(site: Site) -> None:
    alice = site.client("alice")
    with pytest.raises(Forbidden, match="for backup only; take slurm"):
        alice.submit(["id"], cluster="local")
    own = site.client("backup")
    assert site.ended(own, own.submit(["id"], cluster="local")).state == "succeeded"


def test_it_is_said_whose_account_jobs_run_as(site: Site) -> None:
    done = site.machine.run(
        *(sys.executable, "-m", "headway", "clusters", "--json"),
        environment=site.server.environment,
    )
    assert '"runs_as": "backup"' in done.stdout.replace('":"', '": "')
    assert "null" in done.stdout


def test_a_job_that_puts_a_link_for_its_log_has_nothing_of_others_read(
    site: Site, done: JobDocument
) -> None:
    bob = site.client("bob")
    secret = site.place(done) / "stdout"
    link = f'ln -sf {secret} "$HEADWAY_PLACE/stdout"; ln -sf {secret} "$HEADWAY_PLACE/stderr"'
    job = site.ended(bob, bob.submit(["sh", "-c", link]))
    for stream in ("stdout", "stderr"):
        try:
            assert b"games" not in b"".join(bob.read_log(job.id, stream))
        except HeadwayError as error:
            assert "games" not in str(error)  # noqa: PT017 -- either is right


def test_a_stranger_with_a_jobs_mark_is_not_taken_for_it(site: Site) -> None:
    alice = site.client("alice")
    job = alice.submit(["true"], attributes={"custom_attributes": {"slurm.hold": ""}})
    site.until(alice, job, lambda now: now.native_id is not None)
    forged = site.machine.run(
        *("sbatch", "--parsable", "--output=/dev/null", f"--comment=headway:{job.id}.1"),
        "--wrap=exit 3",
        user=OTHER,
        environment=site.slurm.environment,
    )
    assert forged.returncode == 0, forged.stderr
    site.slurm.until(forged.stdout.strip(), "FAILED")
    after = site.ended(alice, alice.submit(["true"]))  # listings have gone by since
    assert after.state == "succeeded"
    now = alice.job(job.id)
    assert (now.state, now.native_id) == ("queued", alice.job(job.id).native_id)
    assert now.native_id != forged.stdout.strip()
    site.slurm.ask("scontrol", "release", str(now.native_id))
    assert site.ended(alice, job).state == "succeeded"


def test_an_array_runs_as_its_owner(site: Site) -> None:
    alice = site.client("alice")
    array = alice.submit(["id", "-un"], array={"indices": "1-3"})
    assert site.ended(alice, array).state == "succeeded"


def test_files_are_not_brought_with_the_servers_rights(site: Site) -> None:
    alice = site.client("alice")
    spec = {"stage_in": [{"source": "/usr/share/common-licenses/GPL-3", "target": "file"}]}
    job = site.ended(alice, alice.submit(["cat", "file"], sandbox=spec))
    assert (job.state, job.reason) == ("failed", "not_started")
    assert "leave stage_in and stage_out out" in (job.error.message if job.error else "")


def test_an_account_that_cannot_be_used_holds_up_no_other(site: Site) -> None:
    """Its jobs wait and say why; they go on by themselves when it can be used again."""
    alice, bob = site.client("alice"), site.client("bob")
    site.ended(bob, bob.submit(["true"]))
    place = site.machine.place / "cluster" / "nobody" / "slurm"
    os.chown(place, 0, 0)
    place.chmod(0o700)
    try:
        waiting = bob.submit(["true"])
        assert site.ended(alice, alice.submit(["true"])).state == "succeeded"
        told = site.until(bob, waiting, lambda now: now.reason == "executor_down")
        assert told.state == "accepted"
        assert "denied" in str(bob.why(waiting.id).words)
    finally:
        os.chown(place, OTHER.pw_uid, OTHER.pw_gid)
    assert site.ended(bob, waiting).state == "succeeded"


if is_soak():  # a command that never answers is waited for

    def test_an_answer_that_never_comes_holds_up_nobody_and_makes_no_second_job(site: Site) -> None:
        alice, bob = site.client("alice"), site.client("bob")
        site.ended(bob, bob.submit(["true"]))
        ran = site.machine.place / "cluster" / "nobody" / "ran"
        lose = site.machine.place / "lose"
        lose.touch()
        job = bob.submit(["sh", "-c", f"echo once >>{ran}; sleep 8"])
        assert site.ended(alice, alice.submit(["true"])).state == "succeeded"
        assert site.ended(bob, job).state == "succeeded"
        lose.unlink()
        assert site.ended(bob, bob.submit(["true"])).state == "succeeded"
        assert ran.read_text() == "once\n"


def test_a_rule_that_is_taken_away_is_noticed_at_once(site: Site) -> None:
    bob = site.client("bob")
    assert site.ended(bob, bob.submit(["true"])).state == "succeeded"
    site.machine.allow(deny="nobody")
    try:
        job = site.ended(bob, bob.submit(["true"]))
    finally:
        site.machine.allow()
    assert (job.state, job.reason) == ("failed", "not_started")
    assert "nothing is run as nobody" in (job.error.message if job.error else "")


def test_a_new_server_takes_up_what_runs_as_whom_it_runs(site: Site) -> None:
    alice = site.client("alice")
    go = site.machine.place / "go"
    job = alice.submit(["sh", "-c", f"until [ -e {go} ]; do sleep 0.05; done; id -un"])
    waits = alice.submit(["true"], attributes={"custom_attributes": {"slurm.hold": ""}})
    site.until(alice, job, lambda now: now.state == "running")
    site.until(alice, waits, lambda now: now.native_id is not None)
    site.restart()
    alice = site.client("alice")
    alice.cancel(waits.id)
    go.touch()
    assert site.ended(alice, job).state == "succeeded"
    assert alice.log(job.id) == b"games\n"
    assert site.ended(alice, waits).state == "cancelled"
