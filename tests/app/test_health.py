"""/healthz and /metrics of a real server."""

import urllib.request

from headway.testing.server import ServerProcess


def read(url: str) -> str:
    with urllib.request.urlopen(url, timeout=10) as answer:
        text: str = answer.read().decode()
        return text


def test_a_server_that_is_well_says_so(server: ServerProcess) -> None:
    assert '"status":"ok"' in read(f"{server.url}/healthz")


def test_figures_are_told_as_prometheus_reads_them(server: ServerProcess) -> None:
    read(f"{server.url}/progress/update?jobid=x&workid=1&current=1")
    text = read(f"{server.url}/metrics")
    assert 'headway_jobs{state="running"} 1.0' in text
    assert 'headway_cluster_room{cluster="local"} 8.0' in text
