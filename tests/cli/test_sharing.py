"""``headway link``, ``headway open`` for a browser that is not known, and ``headway clusters``."""

import getpass
import http.client
import json
from urllib.parse import urlsplit

import httpx
import pytest
from tests.cli.conftest import Headway

from headway.testing.server import ServerProcess


@pytest.fixture
def job(headway: Headway) -> str:
    return headway("submit", "--block", "--name", "shared", "--", "echo", "hello").stdout.split()[0]


def _get(url: str, **headers: str) -> httpx.Response:
    """Ask as somebody whom the server does not know by the socket: what came by a proxy is nobody's own."""
    with httpx.Client(headers={"x-forwarded-for": "203.0.113.9", **headers}, timeout=60) as client:
        return client.get(url)


@pytest.mark.parametrize(
    ("what", "kind"),
    [
        ("png", "image/png"),
        ("svg", "image/svg+xml"),
        ("badge", "image/svg+xml"),
        ("log", "text/plain; charset=utf-8"),
    ],
)
def test_a_link_shows_what_it_is_for_to_anybody(
    headway: Headway, job: str, what: str, kind: str
) -> None:
    done = headway("link", job, "--what", what, "--expires", "1h")
    assert done.returncode == 0, done.stderr
    answer = _get(done.stdout.strip())
    assert (answer.status_code, answer.headers["content-type"]) == (200, kind)
    assert _get(done.stdout.strip().partition("link=")[0]).status_code == 401


def test_a_link_to_a_log_says_where_the_other_stream_is(headway: Headway) -> None:
    script = "echo to stdout; echo to stderr >&2"
    job = headway("submit", "--block", "--", "sh", "-c", script).stdout.split()[0]
    done = headway("link", job, "--what", "log")
    assert _get(done.stdout.strip()).text == "to stdout\n"
    [line] = [line for line in done.stderr.splitlines() if "standard error" in line]
    assert _get(line.rpartition(" ")[2]).text == "to stderr\n"
    assert "standard error" not in headway("link", job).stderr


def test_a_page_link_reads_all_of_its_job(
    headway: Headway, job: str, server: ServerProcess
) -> None:
    url = json.loads(headway("link", job, "--json").stdout)["url"]
    assert urlsplit(url).path.startswith("/j/")
    link = url.partition("?")[2]
    assert _get(f"{server.url}/api/v1/jobs/{job}?{link}").json()["name"] == "shared"
    lines = _get(f"{server.url}/api/v1/jobs/{job}/log/stdout/lines?first=1&{link}")
    assert lines.json()["lines"] == ["hello"]
    page = _get(f"{server.url}/progress/show?id={job}&{link}")
    assert page.status_code == 200
    assert page.text.count("link=page") >= 2


def test_a_link_that_makes_no_sense_is_refused(headway: Headway, job: str) -> None:
    assert headway("link", job, "--what", "all").returncode == 2
    assert headway("link", job, "--expires", "5s").returncode == 2
    assert headway("link", "99999").returncode == 3


def test_open_signs_a_browser_in_that_the_server_would_not_know(
    headway: Headway, job: str, server: ServerProcess
) -> None:
    token = headway("token", "new", "--user", "bob", "--scope", "read").stdout.strip()
    done = headway("open", HEADWAY_TOKEN=token, HEADWAY_URL=server.url)
    assert done.stdout.startswith(f"{server.url}/login?once=")
    with httpx.Client(headers={"x-forwarded-for": "203.0.113.9"}, timeout=60) as browser:
        url = done.stdout.strip()
        assert browser.head(url).status_code == 403
        assert browser.get(url, headers={"sec-fetch-site": "cross-site"}).status_code == 403
        answer = browser.get(url)
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        who = browser.get(f"{server.url}/api/v1/whoami").json()
        assert (who["name"], who["via"]) == ("bob", "session")
        assert browser.get(url).status_code == 401
        refused = browser.post(
            f"{server.url}/api/v1/session", json={}, headers={"origin": "http://evil.test"}
        )
        assert refused.status_code == 403


def test_a_cookie_gets_nobody_past_the_guards(headway: Headway, server: ServerProcess) -> None:
    token = headway("token", "new", "--user", "bob").stdout.strip()
    with httpx.Client(headers={"x-forwarded-for": "203.0.113.9"}, timeout=60) as browser:
        answer = browser.post(f"{server.url}/api/v1/session", json={"token": token})
        assert answer.status_code == 204
        for headers in ({"origin": "http://evil.test"}, {"sec-fetch-site": "same-site"}):
            url = f"{server.url}/api/v1/jobs"
            assert browser.post(url, json={"kind": "report"}, headers=headers).status_code == 403
            assert browser.get(url, headers=headers).status_code == 401
        cookie = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    place = urlsplit(server.url)
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=60)
    for origin, status in (("http://evil.test", 403), (server.url, 101)):
        connection.request(
            "GET",
            "/api/v1/events/ws",
            headers={
                "x-forwarded-for": "203.0.113.9",
                "cookie": cookie,
                "origin": origin,
                "connection": "upgrade",
                "upgrade": "websocket",
                "sec-websocket-version": "13",
                "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
            },
        )
        assert connection.getresponse().status == status
        connection.close()


def test_the_clusters_are_listed(headway: Headway) -> None:
    done = headway("clusters")
    assert done.returncode == 0, done.stderr
    shown = [line.split()[:3] for line in done.stdout.splitlines()[1:3]]
    assert shown == [["functions", "functions", "ok"], ["local", "local", "ok"]]
    functions, local = json.loads(headway("clusters", "--json").stdout)["clusters"]
    assert functions["name"] == "functions"
    assert local["room"] > 0
    assert local["runs_as"] == getpass.getuser()
