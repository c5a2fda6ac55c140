"""A server beside a real scheduler, and the jobs that it has adopted there."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Self

import httpx
from tests.rigs.sge import GridEngine
from tests.rigs.slurm import Slurm

from headway.testing.server import ServerProcess


class Site:
    """A server beside a scheduler, up for the length of a ``with``."""

    def __init__(self, kind: str, rig: Slurm | GridEngine, data: Path) -> None:
        self.kind = kind
        self.rig = rig
        self.file = data.with_name("headway.toml")
        arguments = ("--config", str(self.file))
        self.server = ServerProcess(data, arguments=arguments, environment=rig.environment)
        self.http = httpx.Client(timeout=60)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.server.__exit__()
        self.http.close()

    def start(self, more: str = "") -> None:
        self.file.write_text(
            f"[cluster.{self.kind}]\nkind = '{self.kind}'\nlist_every_s = 0.5\n{more}"
        )
        self.server.start()

    def get(self, path: str, **query: Any) -> Any:
        answer = self.http.get(f"{self.server.url}/api/v1/{path}", params=query)
        answer.raise_for_status()
        return answer.json()

    def adopted(self) -> Mapping[str, Any]:
        """Give the adopted jobs and their parts by native id."""
        page = self.get("jobs", q="kind:adopted", children="true", limit=200)
        return {job["native_id"]: job for job in page["jobs"]}

    def until(self, native_id: str, holds: Callable[[Any], bool]) -> Any:
        """Wait until something holds of an adopted job."""
        found: list[Any] = []

        def is_so() -> bool:
            found[:] = [job] if (job := self.adopted().get(native_id)) is not None else []
            return bool(found) and holds(found[0])

        self.rig.wait(is_so, f"job {native_id} to be shown so")
        return found[0]

    def until_state(self, native_id: str, state: str) -> Any:
        return self.until(native_id, lambda job: job["state"] == state)
