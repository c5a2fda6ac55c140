"""/healthz, /metrics, /ping and /healthcheck."""

import urllib.request

from headway.app.health import healthcheck
from headway.app.trouble import Troubles
from headway.testing.server import ServerProcess


def read(url: str) -> str:
    with urllib.request.urlopen(url, timeout=60) as answer:
        text: str = answer.read().decode()
        return text


def test_a_server_that_is_well_says_so(server: ServerProcess) -> None:
    assert '"status":"ok"' in read(f"{server.url}/healthz")


def test_figures_are_told_as_prometheus_reads_them(server: ServerProcess) -> None:
    read(f"{server.url}/progress/update?jobid=x&workid=1&current=1")
    text = read(f"{server.url}/metrics")
    assert 'headway_jobs{state="running"} 1.0' in text
    assert 'headway_cluster_room{cluster="local"} 8.0' in text


def test_dropwizards_admin_pages_are_answered_as_monitors_know_them(server: ServerProcess) -> None:
    assert read(f"{server.url}/ping") == "pong\n"
    assert read(f"{server.url}/healthcheck") == "* headway: OK\n"


def test_a_healthcheck_names_each_trouble() -> None:
    troubles = Troubles()
    assert healthcheck(troubles) == (True, b"* headway: OK\n")
    troubles.note("cluster local", "it does not answer")
    assert healthcheck(troubles) == (False, b"! cluster local: ERROR\n!  it does not answer\n")
