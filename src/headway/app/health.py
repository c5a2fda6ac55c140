"""Whether all is well: /healthz for machines that ask often, /metrics for those that keep count.

Sources: the text format of Prometheus, written by its own client library; for /healthcheck what Dropwizard 0.6 answered at its
admin port (HealthCheckServlet of Metrics 2), which monitors of joblauncher servers read.
"""

from collections.abc import Iterable, Mapping

import msgspec
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from headway.app.trouble import Troubles
from headway.core.core import Core


class Healthy(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of /healthz. ``status`` is ``ok`` or ``degraded``; ``troubles`` says in words what is amiss."""

    status: str
    version: str
    troubles: Mapping[str, str]


def health_of(troubles: Troubles, *, version: str) -> Healthy:
    """Give the present health."""
    present = troubles.present()
    return Healthy(status="degraded" if present else "ok", version=version, troubles=present)


def healthcheck(troubles: Troubles) -> tuple[bool, bytes]:
    """Give the present health as Dropwizard told it: whether all is well, and a line for each thing that was looked at."""
    present = troubles.present()
    lines = [f"! {name}: ERROR\n!  {words}\n" for name, words in sorted(present.items())]
    return not present, "".join(lines or ["* headway: OK\n"]).encode()


async def metrics(core: Core, troubles: Troubles, *, live_clients: int) -> bytes:
    """Give the present figures in Prometheus' text format."""
    registry = CollectorRegistry()
    registry.register(
        _Figures(
            jobs=await core.store.counts(),
            rooms={str(name): executor.room() for name, executor in core.executors.items()},
            last_seq=core.store.last_seq(),
            troubles=len(troubles.present()),
            live_clients=live_clients,
        )
    )
    return generate_latest(registry)


METRICS_TYPE = CONTENT_TYPE_PLAIN_0_0_4


class _Figures(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    jobs: Mapping[str, int]
    rooms: Mapping[str, int]
    last_seq: int
    troubles: int
    live_clients: int

    def collect(self) -> Iterable[Metric]:
        """Give the metrics; prometheus_client asks for them."""
        jobs = GaugeMetricFamily("headway_jobs", "Jobs by state", labels=["state"])
        for state, count in self.jobs.items():
            jobs.add_metric([state], count)
        yield jobs
        rooms = GaugeMetricFamily(
            "headway_cluster_room", "Jobs that a cluster would take now", labels=["cluster"]
        )
        for name, room in self.rooms.items():
            rooms.add_metric([name], room)
        yield rooms
        yield GaugeMetricFamily(
            "headway_last_seq", "Sequence of the newest change", value=self.last_seq
        )
        yield GaugeMetricFamily(
            "headway_troubles", "Background work that is in trouble", value=self.troubles
        )
        yield GaugeMetricFamily(
            "headway_live_clients", "Clients of live streams", value=self.live_clients
        )
