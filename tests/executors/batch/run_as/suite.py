"""What users of a server get that runs jobs as their owners, and cannot get at, whichever scheduler it is."""

import os
import sys

import pytest
from tests.executors.batch.run_as.installed import OTHER, USER
from tests.executors.batch.run_as.site import Site

from headway.core.errors import Forbidden, HeadwayError, NotFound
from headway.sdk.model import JobDocument


class Essentials:
    """A class of its own for each scheduler, with a fixture ``site``, one for all its tests."""

    @pytest.fixture(scope="class")
    @classmethod
    def done(cls, site: Site) -> JobDocument:
        """A job of alice's that has ended."""
        alice = site.client("alice")
        return site.ended(alice, alice.submit(["sh", "-c", "id -un; pwd; env"]))

    def test_a_job_runs_as_its_owners_account_and_all_its_files_are_that_accounts(
        self, site: Site, done: JobDocument
    ) -> None:
        assert (done.state, done.owner, done.runs_as) == ("succeeded", "alice", "games")
        assert site.client("alice").log(done.id).startswith(b"games\n")
        owners = {path.lstat().st_uid for path in (site.place(done), *site.place(done).iterdir())}
        assert owners == {USER.pw_uid}
        assert site.place(done).stat().st_mode & 0o077 == 0

    def test_users_do_not_see_end_or_read_one_anothers_jobs(self, site: Site) -> None:
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

    def test_a_stranger_with_a_jobs_mark_is_not_taken_for_it(self, site: Site) -> None:
        alice = site.client("alice")
        job = site.hold(alice)
        site.forge(job)
        after = site.ended(alice, alice.submit(["true"]))  # listings have gone by since
        assert after.state == "succeeded"
        now = alice.job(job.id)
        assert (now.state, now.native_id) == ("queued", job.native_id)
        site.cluster.release(str(now.native_id))
        assert site.ended(alice, job).state == "succeeded"

    def test_an_array_runs_as_its_owner(self, site: Site) -> None:
        alice = site.client("alice")
        array = alice.submit(["id", "-un"], array={"indices": "1-3"})
        assert site.ended(alice, array).state == "succeeded"


class Suite(Essentials):
    """All of it."""

    def test_as_whom_a_job_really_ran_is_said(self, site: Site, done: JobDocument) -> None:
        told = site.client("alice").why(done.id)
        assert told.runs_as == "games"
        assert "It ran as the account games." in told.words

    def test_nothing_of_the_servers_environment_reaches_a_job(
        self, site: Site, done: JobDocument
    ) -> None:
        lines = site.client("alice").log(done.id).splitlines()
        told = dict(line.split(b"=", 1) for line in lines if b"=" in line)
        assert told[b"HOME"] == USER.pw_dir.encode()
        assert told[b"USER"] == b"games"
        assert b"HEADWAY_SPOOL" not in told
        assert not [name for name in told if name.startswith((b"SUDO_", b"XDG_", b"PYTEST"))]

    def test_a_user_without_an_account_is_refused_in_words(self, site: Site) -> None:
        eve = site.client("eve")
        job = site.ended(eve, eve.submit(["id"]))
        assert (job.state, job.reason) == ("failed", "not_started")
        assert "no account 'eve'" in (job.error.message if job.error else "")

    @pytest.mark.parametrize("user", ["root", "backup"])
    def test_nothing_runs_as_root_or_as_the_server(self, site: Site, user: str) -> None:
        client = site.client(user)
        job = site.ended(client, client.submit(["id"]))
        assert (job.state, job.reason) == ("failed", "not_started")
        assert user in (job.error.message if job.error else "")

    def test_a_user_whom_sudo_does_not_allow_is_refused_in_sudos_words(self, site: Site) -> None:
        mallory = site.client("mallory")
        job = site.ended(mallory, mallory.submit(["id"]))
        assert (job.state, job.reason) == ("failed", "not_started")
        assert "nothing can be run as daemon on this machine: sudo:" in (
            job.error.message if job.error else ""
        )

    def test_nobody_else_is_the_servers_user_on_another_cluster(self, site: Site) -> None:
        alice = site.client("alice")
        with pytest.raises(Forbidden, match="for backup only; take batch"):
            alice.submit(["id"], cluster="local")
        own = site.client("backup")
        assert site.ended(own, own.submit(["id"], cluster="local")).state == "succeeded"

    def test_it_is_said_whose_account_jobs_run_as(self, site: Site) -> None:
        done = site.machine.run(
            *(sys.executable, "-m", "headway", "clusters", "--json"),
            environment=site.server.environment,
        )
        assert '"runs_as": "backup"' in done.stdout.replace('":"', '": "')
        assert "null" in done.stdout

    def test_a_job_that_puts_a_link_for_its_log_has_nothing_of_others_read(
        self, site: Site, done: JobDocument
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

    def test_files_are_not_brought_with_the_servers_rights(self, site: Site) -> None:
        alice = site.client("alice")
        spec = {"stage_in": [{"source": "/usr/share/common-licenses/GPL-3", "target": "file"}]}
        job = site.ended(alice, alice.submit(["cat", "file"], sandbox=spec))
        assert (job.state, job.reason) == ("failed", "not_started")
        assert "leave stage_in and stage_out out" in (job.error.message if job.error else "")

    def test_an_account_that_cannot_be_used_holds_up_no_other(self, site: Site) -> None:
        """Its jobs wait and say why; they go on by themselves when it can be used again."""
        alice, bob = site.client("alice"), site.client("bob")
        site.ended(bob, bob.submit(["true"]))
        place = site.machine.place / "cluster" / "nobody" / "batch"
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

    def test_a_rule_that_is_taken_away_is_noticed_at_once(self, site: Site) -> None:
        bob = site.client("bob")
        assert site.ended(bob, bob.submit(["true"])).state == "succeeded"
        site.machine.allow(deny="nobody")
        try:
            job = site.ended(bob, bob.submit(["true"]))
        finally:
            site.machine.allow()
        assert (job.state, job.reason) == ("failed", "not_started")
        assert "nothing is run as nobody" in (job.error.message if job.error else "")

    def test_a_new_server_takes_up_what_runs_as_whom_it_runs(self, site: Site) -> None:
        alice = site.client("alice")
        go = site.machine.place / "go"
        job = alice.submit(["sh", "-c", f"until [ -e {go} ]; do sleep 0.05; done; id -un"])
        waits = site.hold(alice)
        site.until(alice, job, lambda now: now.state == "running")
        site.restart()
        alice = site.client("alice")
        alice.cancel(waits.id)
        go.touch()
        assert site.ended(alice, job).state == "succeeded"
        assert alice.log(job.id) == b"games\n"
        assert site.ended(alice, waits).state == "cancelled"
