"""A job's page shows who was told of its events, and has it told again."""

import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.e2e.conftest import Until, Watch
from typing_extensions import override

from headway.sdk.client import Client
from headway.testing.server import ServerProcess

pytestmark = [pytest.mark.service("chromium"), pytest.mark.usefixtures("built")]


class Receiver:
    """Answers 410 until it is told otherwise."""

    def __init__(self) -> None:
        self.status = 410
        self.calls = 0
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                receiver.calls += 1
                self.send_response(receiver.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            @override
            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    thread = threading.Thread(target=receiver.server.serve_forever)
    thread.start()
    yield receiver
    receiver.server.shutdown()
    thread.join()
    receiver.server.server_close()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    with chromium.new_context() as context:
        yield context.new_page()


def test_what_was_given_up_is_told_again_from_the_page(
    shared: ServerProcess, client: Client, page: Page, receiver: Receiver, until: Until, axe: str
) -> None:
    watch = Watch(page, shared)
    wanted = [{"url": receiver.url, "events": ["job.succeeded"]}]
    job = client.submit(["true"], callbacks=wanted)
    until(lambda: list(client.deliveries(job.id, states=["dead"])))
    page.goto(f"{shared.url}/j/{job.number}")
    page.get_by_role("tab", name="Events").click()
    row = page.get_by_role("row").filter(has_text=receiver.url)
    expect(row).to_contain_text("given up")
    expect(row).to_contain_text(re.compile("succeeded"))
    expect(page.get_by_text("A callback was given up")).to_be_visible()
    page.evaluate(axe)
    assert page.evaluate("axe.run(document).then((found) => found.violations)") == []
    receiver.status = 204
    row.get_by_role("button", name="Tell again").click()
    expect(row).to_contain_text("delivered")
    assert receiver.calls == 2
    assert watch.is_clean


def test_a_job_without_callbacks_says_nothing_of_them(
    shared: ServerProcess, client: Client, page: Page
) -> None:
    job = client.submit(["true"])
    page.goto(f"{shared.url}/j/{job.number}")
    page.get_by_role("tab", name="Events").click()
    expect(page.get_by_role("table").first).to_be_visible()
    expect(page.get_by_role("heading", name="Callbacks")).to_have_count(0)
