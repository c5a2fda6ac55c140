"""The server's front door, for browsers and for people without one."""

from html import escape

import httpx
import pytest

from headway.sdk.client import Client
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


@pytest.mark.parametrize(
    "path", ["//progress/show?jobid=x", "/progress//show?jobid=x", "/api//v1/jobs", "//healthz"]
)
def test_a_slash_too_many_does_no_harm(server: ServerProcess, path: str) -> None:
    httpx.get(f"{server.url}/progress//create?jobid=x", timeout=60)
    assert httpx.get(f"{server.url}{path}", timeout=60).status_code == 200


def test_a_jobs_page_is_found_whether_or_not_the_live_one_was_built(server: ServerProcess) -> None:
    job = httpx.post(f"{server.url}/api/v1/jobs", json={"kind": "report"}, timeout=60).json()
    for page in (job["links"]["page"], job["links"]["light"]):
        answer = httpx.get(page, headers={"accept": "text/html"}, follow_redirects=True, timeout=60)
        assert (answer.status_code, answer.headers["content-type"]) == (
            200,
            "text/html; charset=utf-8",
        )


def test_groups_have_pages_that_need_no_javascript(server: ServerProcess) -> None:
    evil = "<b>fits & 'more'</b>"
    with Client(server.url) as client, httpx.Client(base_url=server.url, timeout=60) as browser:
        browser.headers["accept"] = "text/html"
        assert "no groups yet" in browser.get("/groups/plain").text
        client.create_group("nightly", group_id="a/b&c")
        client.create_group(evil, group_id="inner", parent="a/b&c")
        job = client.submit_report(name="<i>fit</i>", groups=["inner"])
        client.finish(job.id)
        listed = browser.get("/groups/plain").text
        assert "<a href='plain?id=a%2Fb%26c'>nightly</a></td><td>1 job: 1 succeeded" in listed
        top = browser.get("/groups/plain?id=a%2Fb%26c").text
        assert f"<a href='plain?id=inner'>{escape(evil)}</a>" in top
        inner = browser.get("/groups/plain?id=inner").text
        assert f"<h1>{escape(evil)}</h1>" in inner
        assert "<a href='plain?id=a%2Fb%26c'>nightly</a>" in inner
        assert f"<a href='../progress/show?id={job.number}'>&lt;i&gt;fit&lt;/i&gt;</a>" in inner
        assert "<td class='state'>succeeded</td>" in inner
        assert browser.get("/groups/plain?id=nowhere").status_code == 404
        newest = browser.get("/plain").text
        assert "&lt;i&gt;fit&lt;/i&gt;" in newest
        assert '<a href="groups/plain">groups</a>' in newest


def test_of_a_job_with_parts_the_plain_list_says_how_many_have_ended(
    server: ServerProcess,
) -> None:
    with Client(server.url) as client:
        whole = client.submit_report(name="campaign")
        parts = [client.submit_report(name="night", parent=whole.id) for _ in range(4)]
        client.finish(parts[0].id)
    page = httpx.get(f"{server.url}/plain", headers={"accept": "text/html"}, timeout=60).text
    assert "<progress max='100' value='25.0'></progress><span class='percent'>1/4</span>" in page


def test_another_users_groups_are_on_none_of_these_pages(server: ServerProcess) -> None:
    with Client(server.url) as client:
        client.create_group("secret", group_id="s-1")
        token = client.create_token(["read"], user="bob").token
    headers = {"accept": "text/html", "authorization": f"Bearer {token}"}
    with httpx.Client(base_url=server.url, headers=headers, timeout=60) as browser:
        assert "secret" not in browser.get("/groups/plain").text
        assert browser.get("/groups/plain?id=s-1").status_code == 404
        unknown = browser.get("/groups/plain", headers={"authorization": "Bearer hw_no"})
    assert unknown.status_code == 401


def test_the_page_of_groups_leads_to_the_plain_one(server: ServerProcess) -> None:
    answer = httpx.get(
        f"{server.url}/groups?id=a%2Fb%22%26c",
        headers={"accept": "text/html"},
        follow_redirects=True,
        timeout=60,
    )
    if answer.history:  # where it was not built
        assert answer.url.raw_path == b"/groups/plain?id=a%2Fb%22%26c"
    else:
        assert 'href="./groups/plain?id=a%2Fb%22%26c"' in answer.text
