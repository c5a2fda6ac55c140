"""What the telescope's own pipelines do: several ranks, one name from a small range, a total that changes, no timeout."""

import random
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from headway.sdk.client import Client
from headway.testing.server import ServerProcess

#: As the pipeline calls the service: it does not look at the answers, so here they are printed.
CLIENT = """
import sys, requests
base, jobid, rank = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
def update(current, total, desc, **more):
    answer = requests.get(base + "/progress/update", params={
        "jobid": jobid, "workid": rank, "current": current, "total": total, "desc": desc, **more})
    print(answer.status_code, answer.text)
if rank == 0:
    answer = requests.get(base + "/progress/create", params={
        "jobid": jobid, "desc": "beamforming", "maxage": 43200})
    print(answer.status_code, answer.text)
update(2, 5, "Wave1_phase")
parts = 12
for part in range(parts + 1):
    update(3 + part, 3 + parts, "%d/12 array factor" % part)
update(3 + parts, 3 + parts, "Done")
"""
RANKS = 4


def run(server: ServerProcess, jobid: int, rank: int) -> str:
    """Run one rank; gives what it was answered."""
    done = subprocess.run(
        [sys.executable, "-c", CLIENT, server.url, str(jobid), str(rank)],
        stdout=subprocess.PIPE,
        text=True,
        timeout=120,
        check=True,
    )
    return done.stdout


def test_a_pipeline_of_four_ranks_gets_nothing_but_ok(server: ServerProcess) -> None:
    jobid = random.randint(0, 1000)
    said = [run(server, jobid, 0)]
    with ThreadPoolExecutor() as ranks:
        said += ranks.map(partial(run, server, jobid), range(1, RANKS))
    assert {line for text in said for line in text.splitlines()} == {"200 OK"}
    with Client(server.url) as client:
        [job] = client.jobs(name="beamforming")
        told = {w.id: (w.current, w.total, w.desc) for w in client.workers(job.id)}
    assert told == {str(rank): (15, 15, "Done") for rank in range(RANKS)}


def test_a_stranger_who_draws_the_same_number_takes_the_name_and_loses_nobodys_job(
    server: ServerProcess,
) -> None:
    for _ in range(2):
        run(server, 7, 0)
    with Client(server.url) as client:
        newer, older = client.jobs(name="beamforming")
        assert older.reason == "superseded"
        assert [len(list(client.workers(job.id))) for job in (newer, older)] == [1, 1]
