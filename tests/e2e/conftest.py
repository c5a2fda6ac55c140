"""Headway as its users see it: their own programs against a real server."""

import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Dialog,
    Locator,
    Page,
    Request,
    expect,
    sync_playwright,
)

from headway.sdk.client import Client
from headway.testing.server import ServerProcess, running_server
from headway.web import bundle

_FLAGS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# With a machine that has other work to do: nothing here is expected to take so long.
_PATIENCE_S: Final = 120.0
expect.set_options(timeout=_PATIENCE_S * 1000)
_ROOT: Final = Path(__file__).parents[2]
_AXE: Final = _ROOT / "web/node_modules/axe-core/axe.min.js"
_POLL_S: Final = 0.05

#: Ask again and again until the answer is true; gives it.
Until = Callable[[Callable[[], object]], None]


def until(condition: Callable[[], object]) -> None:
    """Wait until a condition holds; fails the test when it does not in two minutes."""
    deadline = time.monotonic() + _PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, "it did not come true in two minutes"
        time.sleep(_POLL_S)


@pytest.fixture(name="until")
def until_fixture() -> Until:
    return until


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A server that all tests of a module share; its workers stall and settle soon."""
    data = tmp_path_factory.mktemp("e2e") / "data"
    arguments = ("--jobs-at-once", "8", "--settle", "2s", "--grace", "0.5s")
    with running_server(data, arguments=arguments) as running:
        yield running


@pytest.fixture
def client(shared: ServerProcess) -> Iterator[Client]:
    with Client(shared.url) as client:
        yield client


@pytest.fixture
def user(shared: ServerProcess) -> Mapping[str, str]:
    """The environment of the server's own user, whose PATH has headway."""
    return environment_of(shared)


def environment_of(server: ServerProcess) -> Mapping[str, str]:
    """Give the environment of a server's own user, who finds it by its file."""
    return {
        "HOME": str(server.data.parent),
        "PATH": f"{Path(sys.executable).parent}:{os.defpath}",
        "LANG": "C.UTF-8",
        "TERM": "xterm-256color",
        "XDG_RUNTIME_DIR": server.environment["XDG_RUNTIME_DIR"],
    }


@pytest.fixture(scope="session")
def built() -> None:
    """Skip where the page was not built."""
    if bundle.page(depth=0) is None:
        pytest.skip("missing: the page (make page builds it)")


@pytest.fixture(scope="session")
def axe() -> str:
    """axe-core, which looks for what people who do not see, hear or point would trip over."""
    if not _AXE.is_file():
        pytest.skip("missing: axe-core (make page installs it)")
    return _AXE.read_text()


@pytest.fixture(scope="session")
def pictures() -> Path:
    """Where pictures of the pages are kept, to be looked at."""
    place = _ROOT / ".cache/screenshots"
    place.mkdir(parents=True, exist_ok=True)
    return place


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium. Of the module, since no event loop may run while playwright's does."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=[*_FLAGS])
        browser.on("context", lambda context: context.set_default_timeout(_PATIENCE_S * 1000))
        yield browser
        browser.close()


def whole(page: Page) -> Locator:
    """Give the bar of a whole job, on its page."""
    return page.get_by_role("main").locator("header").get_by_role("progressbar")


def point_at_undo(page: Page) -> None:
    """Point at what tells that something can be undone: it stays for eight seconds otherwise."""
    page.get_by_role("button", name="Undo").hover()


class Watch:
    """What a page did beside being looked at.

    Attributes:
        dialogs: the words of dialogs that it opened.
        complaints: what the browser complained about on its console, refused scripts among them.
        outside: addresses of other places that it asked for something.
    """

    def __init__(self, page: Page, server: ServerProcess, *, own: str = "") -> None:
        self.dialogs: list[str] = []
        self.complaints: list[str] = []
        self.outside: list[str] = []
        self._own = (f"{own or server.url}/", "data:")
        page.on("dialog", self._dialog)
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", self._request)

    @property
    def is_clean(self) -> bool:
        """Tell whether nothing happened that should not; fails saying what did."""
        assert (self.dialogs, self.complaints, self.outside) == ([], [], [])
        return True

    def _dialog(self, dialog: Dialog) -> None:
        self.dialogs.append(dialog.message)
        dialog.dismiss()

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(f"{message.text} {message.location.get('url', '')}")

    def _request(self, request: Request) -> None:
        if not request.url.startswith(self._own):
            self.outside.append(request.url)
