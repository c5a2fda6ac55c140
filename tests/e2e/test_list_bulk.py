"""Acting on many jobs of the list in Chromium: asked first with a count, told of, undone where that is possible."""

from collections.abc import Iterator, Mapping
from urllib.parse import quote

import pytest
import requests
from playwright.sync_api import Browser, Page, expect
from tests.e2e.conftest import Until, point_at_undo
from tests.e2e.proxy import proxied
from tests.e2e.test_list_page import create, open_list, row
from tests.e2e.test_sign_in import sign_in, token_of

from headway.sdk.client import Client
from headway.testing.server import ServerProcess

pytestmark = [pytest.mark.service("chromium"), pytest.mark.usefixtures("built")]


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    with chromium.new_context(viewport={"width": 1400, "height": 800}) as context:
        yield context.new_page()


def read(server: ServerProcess, job_id: str) -> Mapping[str, object]:
    answer = requests.get(f"{server.url}/api/v1/jobs/{job_id}", timeout=60)
    document: Mapping[str, object] = answer.json()
    return document


def select_all(page: Page, server: ServerProcess, q: str) -> None:
    open_list(page, server, q)
    page.keyboard.press("a")


def test_a_label_is_added_to_many_and_taken_back_from_those_that_did_not_have_it(
    page: Page, shared: ServerProcess, until: Until
) -> None:
    had = create(shared, name="had it", labels=["bulk-label", "urgent"])
    lacked = create(shared, name="lacked it", labels=["bulk-label"])
    select_all(page, shared, "label:bulk-label")
    page.get_by_role("button", name="Label…").click()
    expect(page.get_by_role("dialog", name="Label 2 jobs")).to_be_visible()
    page.get_by_label("Add", exact=True).fill("urgent")
    page.keyboard.press("Enter")
    expect(page.locator(".toast")).to_contain_text("1 job labelled")
    point_at_undo(page)
    expect(row(page, "lacked it").locator(".label")).to_have_text(["bulk-label", "urgent"])
    page.get_by_role("button", name="Undo").click()
    until(lambda: read(shared, lacked)["labels"] == ["bulk-label"])
    assert read(shared, had)["labels"] == ["bulk-label", "urgent"]


def test_hidden_jobs_leave_the_list_and_come_back_with_undo(
    page: Page, shared: ServerProcess
) -> None:
    create(shared, name="in the way", labels=["bulk-hide"])
    create(shared, name="also in the way", labels=["bulk-hide"])
    select_all(page, shared, "label:bulk-hide")
    page.get_by_role("button", name="Hide…").click()
    page.get_by_role("button", name="Hide 2 jobs").click()
    point_at_undo(page)
    expect(page.get_by_role("heading", name="Nothing matches")).to_be_visible()
    page.keyboard.press("u")
    expect(row(page, "in the way")).to_be_visible()
    expect(page.locator(".rows .row")).to_have_count(2)


def test_jobs_are_cancelled_and_those_that_have_ended_are_left_out(
    page: Page, shared: ServerProcess, client: Client
) -> None:
    ended = client.submit(["true"], name="over", labels=["bulk-cancel"])
    client.submit(["sleep", "600"], name="goes on", labels=["bulk-cancel"])
    client.wait(ended.id, timeout_s=120)
    select_all(page, shared, "label:bulk-cancel")
    page.get_by_role("button", name="Cancel…").click()
    dialog = page.get_by_role("dialog", name="Cancel 1 job?")
    expect(dialog).to_contain_text("1 more have ended already")
    dialog.get_by_role("button", name="Cancel 1 job").click()
    expect(row(page, "goes on").locator(".cell-state")).to_contain_text("cancelled")
    expect(row(page, "over").locator(".cell-state")).to_contain_text("succeeded")


def test_a_dialog_that_is_left_changes_nothing(page: Page, shared: ServerProcess) -> None:
    job_id = create(shared, name="left alone", labels=["bulk-left"])
    select_all(page, shared, "label:bulk-left")
    page.get_by_role("button", name="Cancel…").click()
    page.get_by_role("button", name="Leave as is").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert read(shared, job_id)["state"] == "accepted"
    expect(page.locator(".bulk")).to_contain_text("1 selected")


def test_failed_jobs_are_retried(page: Page, shared: ServerProcess, client: Client) -> None:
    failed = client.submit(["false"], name="once more", labels=["bulk-retry"])
    client.wait(failed.id, timeout_s=120)
    select_all(page, shared, "label:bulk-retry")
    page.get_by_role("button", name="Retry…").click()
    page.get_by_role("button", name="Retry 1 job").click()
    expect(page.locator(".toast")).to_contain_text("1 job tried again")
    expect(row(page, "once more").locator(".cell-name")).to_contain_text("attempt 2")


@pytest.mark.parametrize(
    ("scope", "actions"), [("read", []), ("run", ["Cancel…", "Retry…", "Label…", "Hide…"])]
)
def test_only_what_a_token_allows_is_offered(
    page: Page, shared: ServerProcess, scope: str, actions: list[str]
) -> None:
    secret = token_of(shared, scope, user="rosa")
    label = f"rosas-{scope}"
    made = requests.post(
        f"{shared.url}/api/v1/jobs",
        json={"kind": "report", "name": "hers", "labels": [label]},
        headers={"Authorization": f"Bearer {token_of(shared, 'run', user='rosa')}"},
        timeout=60,
    )
    assert made.status_code == 201, made.text
    with proxied(shared.url, "/headway", says_so=True) as proxy:
        page.goto(f"{proxy.url}/login?to={quote(f'?q=label:{label}', safe='')}")
        sign_in(page, secret)
        expect(page.locator(".rows .row")).to_have_count(1)
        page.keyboard.press("a")
        expect(page.locator(".bulk")).to_contain_text("1 selected")
        expect(page.locator(".bulk-actions button")).to_have_text(actions)
