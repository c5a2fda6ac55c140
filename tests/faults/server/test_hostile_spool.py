"""What jobs wrote into the spool directory is taken up, whatever else lies there."""

import os

from tests.faults.server.patience import eventually

from headway.sdk.client import Client
from headway.testing.server import ServerProcess

LONGER_THAN_A_PART = 9 << 20


def test_nothing_that_lies_in_the_spool_directory_holds_up_a_report(server: ServerProcess) -> None:
    spool = server.data / "spool"
    with Client(server.url) as client:
        job = client.submit_report(name="spooled")
        os.mkfifo(spool / "0-pipe.jsonl")
        (spool / "0-directory.jsonl").mkdir()
        (spool / "0-link.jsonl").symlink_to(server.data / "secret")
        (spool / "0-nothing.jsonl").symlink_to("nowhere")
        (spool / "0-words.jsonl").write_bytes(b"no json\n\xff\n" + b"[" * 100_000 + b"\n")
        line = b'{"v":1,"job":"%s","body":{"status_text":"said"}}\n' % job.id.encode()
        longest_name = spool / f"{'n' * 249}.jsonl"
        longest_name.write_bytes(b"x" * LONGER_THAN_A_PART + b"\n" + line)
        eventually(lambda: client.job(job.id).status_text or None, what="the report was taken")
        assert client.job(job.id).status_text == "said"
        assert (server.data / "secret").exists()
