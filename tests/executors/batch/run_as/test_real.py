"""Servers that run jobs on real schedulers as their owners, through a real sudo; and on those that are played on a real Slurm."""

import shutil
from collections.abc import Iterator

import pytest
from tests.executors.batch.run_as.clusters import (
    grid_engine_cluster,
    lsf_cluster,
    pbs_cluster,
    slurm_cluster,
)
from tests.executors.batch.run_as.site import Site, site_of
from tests.executors.batch.run_as.suite import Essentials, Suite
from tests.faults.counts import is_soak
from tests.faults.server.patience import eventually
from tests.rigs.sge import GridEngine
from tests.rigs.slurm import Slurm

if is_soak():

    class _Rest(Suite):
        """All of it."""

else:

    class _Rest(Essentials):  # type: ignore[no-redef]
        """What does not depend on the scheduler is tried on Slurm."""


class TestSlurm(Suite):
    @pytest.fixture(scope="class")
    @classmethod
    def site(cls, slurm: Slurm) -> Iterator[Site]:
        with site_of(slurm_cluster(slurm)) as site:
            yield site

    if is_soak():  # a command that never answers is waited for

        def test_an_answer_that_never_comes_holds_up_nobody_and_makes_no_second_job(
            self, site: Site
        ) -> None:
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

    def test_the_log_is_there_before_it_is_known_that_the_job_was_handed_over(
        self, site: Site
    ) -> None:
        bob = site.client("bob")
        lose = site.machine.place / "lose"
        lose.touch()
        try:
            job = site.ended(bob, bob.submit(["echo", "said"]))
            assert (job.state, bob.log(job.id)) == ("succeeded", b"said\n")
        finally:
            lose.unlink()

    if is_soak():  # programs that wait for a dead controller are waited for

        def test_a_dead_controller_is_not_called_slow(self, site: Site, slurm: Slurm) -> None:
            alice = site.client("alice")
            site.ended(alice, alice.submit(["true"]))
            slurm.kill_controller()
            job = alice.submit(["true"])
            site.until(alice, job, lambda now: now.reason == "executor_down")
            words = eventually(
                lambda: next((w for w in alice.why(job.id).words if "slurmctld" in w), None),
                what="slurmctld to be named",
            )
            assert "slurmctld does not answer" in words
            slurm.start_controller()
            assert site.ended(alice, job).state == "succeeded"


class TestGridEngine(_Rest):
    @pytest.fixture(scope="class")
    @classmethod
    def site(cls, sge: GridEngine) -> Iterator[Site]:
        with site_of(grid_engine_cluster(sge)) as site:
            yield site

    def test_a_job_that_could_not_be_started_says_why(self, site: Site) -> None:
        alice = site.client("alice")
        job = site.hold(alice)
        eventually((site.place(job) / "submitted").exists, what="all that is written there")
        shutil.rmtree(site.place(job))
        site.cluster.release(str(job.native_id))
        words = eventually(
            lambda: next((w for w in alice.why(job.id).words if "chdir" in w), None),
            what="Grid Engine's own words",
        )
        assert "No such file or directory" in words
        site.until(alice, job, lambda now: now.reason == "cannot_start")
        alice.cancel(job.id)
        assert site.ended(alice, job).state == "cancelled"


class TestLsf(_Rest):
    """In IBM's words."""

    @pytest.fixture(scope="class")
    @classmethod
    def site(cls, slurm: Slurm) -> Iterator[Site]:
        with site_of(lsf_cluster(slurm, is_classic=False)) as site:
            yield site


class TestClassicLsf(_Rest):
    """In OpenLava's."""

    @pytest.fixture(scope="class")
    @classmethod
    def site(cls, slurm: Slurm) -> Iterator[Site]:
        with site_of(lsf_cluster(slurm, is_classic=True)) as site:
            yield site


class TestPbs(_Rest):
    """Each account is listed as text."""

    @pytest.fixture(scope="class")
    @classmethod
    def site(cls, slurm: Slurm) -> Iterator[Site]:
        with site_of(pbs_cluster(slurm)) as site:
            yield site
