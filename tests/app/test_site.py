"""The server's front door, for browsers and for people without one."""

import httpx
import pytest

from headway.testing.server import ServerProcess


@pytest.mark.parametrize("headers", [{"accept": "*/*"}, {"accept": "text/plain, */*;q=0.1"}])
def test_curl_is_told_where_everything_is(server: ServerProcess, headers: dict[str, str]) -> None:
    answer = httpx.get(f"{server.url}/", headers=headers, timeout=60)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    for place in ("/api/v1/openapi.json", "/progress/create", "/healthz"):
        assert f"{server.url}{place}" in answer.text
    assert "docs/" in answer.text


def test_a_browser_is_given_a_page_and_who_wants_neither_gets_404(server: ServerProcess) -> None:
    page = httpx.get(f"{server.url}/", headers={"accept": "text/html,*/*;q=0.8"}, timeout=60)
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    data = httpx.get(f"{server.url}/", headers={"accept": "application/json"}, timeout=60)
    assert data.status_code == 404


def test_a_jobs_page_is_found_whether_or_not_the_live_one_was_built(server: ServerProcess) -> None:
    job = httpx.post(f"{server.url}/api/v1/jobs", json={"kind": "report"}, timeout=60).json()
    for page in (job["links"]["page"], job["links"]["light"]):
        answer = httpx.get(page, headers={"accept": "text/html"}, follow_redirects=True, timeout=60)
        assert (answer.status_code, answer.headers["content-type"]) == (
            200,
            "text/html; charset=utf-8",
        )
