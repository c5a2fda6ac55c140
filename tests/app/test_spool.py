"""What jobs wrote into the spool is taken up, however the server knows its callers."""

from pathlib import Path

import msgspec
from tests.faults.server.patience import eventually

from headway.sdk.client import Client
from headway.sdk.model import JobSummary
from headway.testing.server import ServerProcess

LINE = {
    "v": 1,
    "job": None,
    "create": {"kind": "report", "name": "spooled", "will_finish": True},
    "key": "run-1",
    "body": {"workers": [{"id": "w", "current": 3, "total": 4}]},
    "finish": {"exit_code": 3},
}


def test_behind_a_proxy_the_spool_is_the_own_users_all_the_same(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with ServerProcess(data).start() as plain, Client(plain.url) as client:
        token = client.create_token(["read"]).token
        plain.stop()
    with ServerProcess(data, arguments=("--behind-proxy",)).start() as server:
        draft = data / "draft"
        draft.write_bytes(msgspec.json.encode(LINE) + b"\n")
        draft.rename(data / "spool" / "run-1.host.1.jsonl")
        with Client(server.url, token=token) as client:

            def ended() -> JobSummary | None:
                return next((job for job in client.jobs(name="spooled", states=["failed"])), None)

            job = eventually(ended, what="the job's end was taken from the spool")
            [worker] = client.workers(job.id)
        server.stop()
    assert (job.exit_code, worker.current) == (3, 3)
