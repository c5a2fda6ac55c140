"""What every HTTP protocol is given beside the core."""

from collections.abc import Mapping

import msgspec

from headway.protocols.http.identity import IdentitySettings
from headway.protocols.http.live.hub import Hub


class OpenQuota(msgspec.Struct, frozen=True, kw_only=True):
    """How much of the store may be filled by callers whom nobody knows (progress only).

    Attributes:
        jobs_per_hour: new jobs of one local user or one address.
        workers_per_job: workers of a job that nobody owns, and those that such callers add to another's.
        rows: jobs that nobody owns and their workers, all together.
    """

    jobs_per_hour: int = 1000
    workers_per_job: int = 10_000
    rows: int = 1_000_000


class HttpContext(msgspec.Struct, frozen=True, kw_only=True):
    """Made once by headway.app.wiring.

    Attributes:
        identity: how callers are recognised.
        hub: all live clients of the core's store.
        open_quota: how much callers may fill whom nobody knows.
        version: Headway's own, for documents and headers.
        settings: what the configuration file says for single protocols, by their names; each reads its own.
    """

    identity: IdentitySettings
    hub: Hub
    open_quota: OpenQuota = OpenQuota()
    version: str = "0"
    settings: Mapping[str, Mapping[str, object]] = msgspec.field(default_factory=dict)
