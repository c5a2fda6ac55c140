"""A campaign whose functions run on a cluster of another system, the parts of which are killed, too."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Final, Self

from tests.executors.functions_remote.clusters import (
    DaskCluster,
    IpyparallelCluster,
    OtherCluster,
)
from tests.faults.functions.campaign import Campaign
from typing_extensions import override

SYSTEMS: Final[Mapping[str, type[OtherCluster]]] = {
    "dask": DaskCluster,
    "ipyparallel": IpyparallelCluster,
}
PARTS: Final = ("server", "centre", "worker", "server and centre")


class RemoteCampaign(Campaign):
    """Starts and ends with a ``with``; there are two workers."""

    def __init__(self, place: Path, system: str) -> None:
        self.cluster = system
        self.other = SYSTEMS[system](place)
        configuration = place / "headway.toml"
        configuration.write_text(
            f'[cluster.{system}]\nkind = "functions"\nengine = "{system}"\nbeat_s = 0.5\n'
            f"{self.other.settings}\n"
        )
        super().__init__(place, arguments=("--config", str(configuration)))
        self._kills: Mapping[str, Callable[[], None]] = {
            "server": self._server_anew,
            "centre": self._centre_anew,
            "worker": self._worker_anew,
            "server and centre": self._both_anew,
        }
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        """Start both, or neither."""
        with ExitStack() as started:
            started.callback(self.end)
            started.enter_context(self.other)
            self.start()
            self._stack = started.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        """End both."""
        self._stack.close()

    @override
    def kill_a_worker(self) -> None:
        """Kill one of the two."""
        self.other.kill_worker(self.dice.randrange(len(self.other.workers)))

    def kill(self, part: str) -> None:
        """Kill a part of it all, without a word, and start it anew."""
        self._kills[part]()

    def wait_for_some(self, most: int) -> None:
        """Let some more functions run, up to so many, as far as there are any."""
        wanted = min(self._ran() + self.dice.randrange(most), len(self.jobs))
        self.until(lambda: self._ran() >= wanted or not self.unfinished())

    def unfinished(self) -> int:
        """Tell whether there is a job that has not ended, by its number."""
        left = self.ask("GET", "/jobs?state=accepted&state=queued&state=running&limit=1")["jobs"]
        return int(left[0]["number"]) if left else 0

    def _ran(self) -> int:
        return self.runs.read_bytes().count(b"\n") if self.runs.exists() else 0

    def _server_anew(self) -> None:
        self.kill_server()
        self.start()

    def _centre_anew(self) -> None:
        self.other.kill_centre()
        self._rebuild()

    def _worker_anew(self) -> None:
        self.kill_a_worker()
        self.other.start_worker()

    def _both_anew(self) -> None:
        self.other.kill_centre()
        self._server_anew()
        self._rebuild()

    def _rebuild(self) -> None:
        self.other.start_centre()
        self.other.leave_workers()
        self.other.start_workers()
