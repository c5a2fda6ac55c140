"""What a server is told when it starts."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec

DEFAULT_HOST: Final = "127.0.0.1"
DEFAULT_PORT: Final = 9998


class MacKey(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A key that callbacks to one receiver are signed with (MAC Access Authentication).

    Attributes:
        scope: an address whose host and port are the receiver's.
        algorithm: ``hmac-sha-1`` or ``hmac-sha-256``.
    """

    id: str
    key: str
    scope: str
    algorithm: str = "hmac-sha-1"


class ClusterOptions(msgspec.Struct, frozen=True, kw_only=True):
    """A cluster beside the local one.

    Attributes:
        kind: the name of its executor: ``slurm``, ``lsf``, ``pbs``, ``sge``, ``functions``.
        adopt: show the user's jobs that Headway did not hand over too.
        settings: what that executor is told; it checks them.
    """

    kind: str
    adopt: bool = True
    settings: Mapping[str, object] = msgspec.field(default_factory=dict)


class ServeOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Options of ``headway serve``.

    Attributes:
        port: 0 takes a free one.
        data: the data directory; made when it is missing, mode 0700.
        open_progress: networks (CIDR) from which anybody may report on jobs that only report.
        open_jobs_per_hour: how many jobs one local user or one address may make so; None for the default of OpenQuota.
        open_workers_per_job: how many workers such a job may have; None for the default.
        open_rows: how many such jobs and their workers there may be in all; None for the default.
        cert: a TLS certificate chain and ``key`` its key; both or neither.
        allow_hosts: further names in the Host header that mean this server.
        behind_proxy: requests come through a reverse proxy: nobody is recognised by their socket.
        jobs_at_once: how many local jobs run at a time; None for the number of cores.
        grace_s: seconds from TERM to KILL when a local job is cancelled or out of time.
        idle_s: seconds without jobs and server after which the local executor's helpers end.
        settle_s: seconds of quiet after which a job whose workers are all done has ended.
        stalled_floor_s: seconds of silence before which no worker is called stalled.
        keep_detail_s: how long an ended job's workers and counters are kept; None for the default of Retention.
        keep_events_s: the same for events.
        keep_jobs_s: the same for ended jobs themselves; their logs go with them.
        sandbox_root: where jobs have their sandboxes; None for a directory of the data directory.
        stage_roots: directories below which users may have files brought to jobs and fetched from them; ``{user}`` in one
            stands for whoever submits. None for the default: all that the server's own user can reach while the server is
            for this machine only, and nothing otherwise.
        callback_networks: networks (CIDR) of loopback and private addresses that callbacks may go to beside public ones; a
            server for this machine only may call all of them.
        callback_macs: what callbacks are signed with, by receiver.
        clusters: where jobs can run beside this machine, by name.
        adopt: False shows no cluster's other jobs, whatever the cluster says.
        detect: add a cluster for each scheduler whose programs are here, if the server is for this machine only.
        default_cluster: where jobs run that do not say; ``local`` for this machine.
        protocols: what single protocols are told, by their names; each reads its own.
        callback_retry_s: how long is waited after a call's first failure; None for the default of Patience.
        callback_give_up_s: after so long a callback that fails is given up; None for the default.
        announce: write the address into the user's own file, where the command line finds it.
    """

    host: str = DEFAULT_HOST
    port: int = DEFAULT_PORT
    data: Path
    open_progress: tuple[str, ...] = ()
    open_jobs_per_hour: int | None = None
    open_workers_per_job: int | None = None
    open_rows: int | None = None
    cert: Path | None = None
    key: Path | None = None
    allow_hosts: tuple[str, ...] = ()
    behind_proxy: bool = False
    jobs_at_once: int | None = None
    grace_s: float | None = None
    idle_s: float | None = None
    settle_s: float | None = None
    stalled_floor_s: float | None = None
    keep_detail_s: float | None = None
    keep_events_s: float | None = None
    keep_jobs_s: float | None = None
    sandbox_root: Path | None = None
    stage_roots: tuple[str, ...] | None = None
    callback_networks: tuple[str, ...] = ()
    callback_macs: tuple[MacKey, ...] = ()
    clusters: Mapping[str, ClusterOptions] = msgspec.field(default_factory=dict)
    adopt: bool = True
    detect: bool = False
    default_cluster: str = "local"
    protocols: Mapping[str, Mapping[str, object]] = msgspec.field(default_factory=dict)
    callback_retry_s: float | None = None
    callback_give_up_s: float | None = None
    log_level: str = "info"
    announce: bool = True


def is_loopback(options: ServeOptions) -> bool:
    """Tell whether the server is for this machine only."""
    return options.host in {"localhost", "::1"} or options.host.startswith("127.")
