"""The ports, bound together: the one value that protocols hold."""

from collections.abc import Callable, Mapping
from datetime import timedelta

import msgspec

from headway.core.errors import InvalidRequest
from headway.core.model.change import Retention
from headway.core.model.delivery import Patience
from headway.core.model.job import Job, Kind
from headway.core.model.names import Cluster, Tag
from headway.core.model.session import LoginLinks
from headway.core.model.trouble import Trouble
from headway.core.ports.callbacks import Sender, Words
from headway.core.ports.clock import Clock, Ids, Seal
from headway.core.ports.executor import Executor
from headway.core.ports.files import Files
from headway.core.ports.owners import RunsAsOwners
from headway.core.ports.store import Store
from headway.lib.line_index import Indexes


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What an administrator may choose about the core's behaviour.

    Attributes:
        settle: a report-only job whose workers are all done must be quiet for so long before it has ended.
        stalled_floor_s: a worker is never called stalled before this.
        token_grace: a report token works for so long after its job's end.
        public_url: the address that jobs are told, without a slash at its end.
        spool: a directory that jobs may append reports to when the server is away; "" for none.
        patience: how long callbacks that fail are tried.
    """

    settle: timedelta = timedelta(seconds=60)
    stalled_floor_s: float = 60.0
    token_grace: timedelta = timedelta(minutes=5)
    public_url: str = ""
    spool: str = ""
    retention: Retention = Retention()
    patience: Patience = Patience()


class Core(msgspec.Struct, frozen=True, kw_only=True):
    """What every operation needs. Made once by headway.app.wiring, given first to each operation.

    ``only_revs`` has jobs of these revisions alone changed, in one request; None those of any.
    ``in_flight`` holds the idempotency keys (caller, key) being worked on; it dies with the process, as it should.
    ``log_indexes`` knows where lines begin in the logs that were asked for last, by tag and stream; it is made again
    from them. ``login_links`` holds one-time links until they are used. ``files`` has the sandboxes of jobs; None where
    there is no place for them; ``preparing`` names those made for jobs that are not stored yet. ``words`` puts events into
    the words of each protocol that has some for callbacks, and ``sender`` makes the calls; None where none are made.
    ``kinds`` says which executor each cluster is, and ``troubles`` what goes wrong in the background now, by the name of
    what has it. ``runs_as`` says whose account a cluster's jobs run as: a name, "" where it is not known here, None where each job
    runs as its owner's. ``adopting`` are the clusters whose other jobs are shown too, as those of ``own_user``, whom the server runs as.
    ``ahead`` are those that may make ready for a cluster's jobs while these are being stored.
    """

    store: Store
    executors: Mapping[Cluster, Executor]
    clock: Clock
    ids: Ids
    seal: Seal
    settings: Settings = Settings()
    default_cluster: Cluster = Cluster("local")
    only_revs: frozenset[int] | None = None
    in_flight: set[tuple[str, str]] = msgspec.field(default_factory=set)
    log_indexes: Indexes[tuple[str, str]] = msgspec.field(default_factory=Indexes)
    login_links: LoginLinks = msgspec.field(default_factory=LoginLinks)
    kinds: Mapping[Cluster, str] = msgspec.field(default_factory=dict)
    runs_as: Mapping[Cluster, str | None] = msgspec.field(default_factory=dict)
    adopting: frozenset[Cluster] = frozenset()
    own_user: str = ""
    files: Files | None = None
    preparing: set[Tag] = msgspec.field(default_factory=set)
    words: Mapping[str, Words] = msgspec.field(default_factory=dict)
    sender: Sender | None = None
    troubles: dict[str, Trouble] = msgspec.field(default_factory=dict)
    ahead: dict[Cluster, Callable[[Job], None]] = msgspec.field(default_factory=dict)

    def barred(self, name: Cluster, *, owner: str) -> str:
        """Say why a user's jobs may not run on a cluster as whom jobs run there; "" where they may.

        Where a server runs jobs as their owners on some cluster, it may become any of them: nobody but its own user runs
        anything as that user then, on any other cluster.
        """
        if owner == self.own_user or self.runs_as.get(name, self.own_user) is None:
            return ""
        for_owners = sorted(cluster for cluster, user in self.runs_as.items() if user is None)
        if not for_owners:
            return ""
        return (
            f"jobs on the cluster {name} do not run as their owners, so on this server they are for"
            f" {self.own_user} only; take {' or '.join(for_owners)}"
        )

    def foretell(self, job: Job) -> None:
        """Have its cluster make ready for a job that is about to be stored, and may not be."""
        make_ready = None if job.cluster is None else self.ahead.get(job.cluster)
        if make_ready is not None:
            make_ready(job)

    def account_of(self, job: Job) -> str | None:
        """Give the account that a job runs as, or ran; None where it is not known, not yet, or not any more."""
        if job.cluster is None:  # it only reports
            return None
        account = self.runs_as.get(job.cluster, self.own_user)
        if account is not None:
            return account or None
        executor: object = self.executors.get(job.cluster)
        return executor.account_of(job.tag) if isinstance(executor, RunsAsOwners) else None

    def clusters_for(self, kind: Kind) -> list[Cluster]:
        """Name the clusters that run jobs of a kind, the default one first, then as ``executors`` has them."""
        able = [name for name, executor in self.executors.items() if executor.takes(kind)]
        return sorted(able, key=lambda name: name != self.default_cluster)

    def cluster_for(self, kind: Kind) -> Cluster:
        """Pick where jobs of a kind run when nobody says: the default cluster, if it runs such."""
        default = self.executors.get(self.default_cluster)
        if default is not None and default.takes(kind):
            return self.default_cluster
        return next(iter(self.clusters_for(kind)), self.default_cluster)

    def executor(self, name: Cluster) -> Executor:
        """Pick a configured executor.

        Raises:
            InvalidRequest: none has that name.
        """
        try:
            return self.executors[name]
        except KeyError:
            known = ", ".join(sorted(self.executors)) or "none"
            raise InvalidRequest(
                f"no cluster is called {name!r}; configured: {known}", field="cluster"
            ) from None
