"""The site's addresses: what is there, what is not, and for whom."""

import re
import runpy
from pathlib import Path
from typing import Final

import pytest
import requests

from headway.testing.server import ServerProcess

ROOT: Final = Path(__file__).parents[2]
SOURCE: Final = ROOT / "web/src"
BROWSER: Final = {"Accept": "text/html,application/xhtml+xml"}
#: Ways to make markup, script or style of text.
_UNSAFE: Final = re.compile(
    r"innerHTML|outerHTML|insertAdjacentHTML|dangerouslySetInnerHTML|document\.write|\beval\(|new Function"
    r"|DOMParser|createContextualFragment|srcdoc|setAttribute\(.style"
)


@pytest.mark.parametrize("path", sorted(SOURCE.rglob("*.ts*")), ids=lambda path: path.name)
def test_no_part_of_the_page_makes_markup_of_text(path: Path) -> None:
    assert _UNSAFE.findall(path.read_text()) == []


def test_the_page_s_colours_are_those_of_the_pictures() -> None:
    made = runpy.run_path(str(ROOT / "tools/web_colours.py"))
    assert made["PLACE"].read_text() == made["text"]()


@pytest.mark.usefixtures("built")
@pytest.mark.parametrize("path", ["/", "/admin", "/login", "/j/1"])
def test_pages_are_for_those_who_ask_for_html(shared: ServerProcess, path: str) -> None:
    page = requests.get(shared.url + path, headers=BROWSER, timeout=60)
    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "unsafe" not in page.headers["content-security-policy"]
    assert not re.search(r"<script(?![^>]* src=)|<style|\son\w+=|\sstyle=", page.text)
    program = requests.get(shared.url + path, headers={"Accept": "*/*"}, timeout=60)
    assert "html" not in program.headers["content-type"]


@pytest.mark.parametrize(
    "path",
    [
        "/nothing",
        "/admin/",
        "/admin/more",
        "/login/x",
        "/j",
        "/j/",
        "/j/1/2",
        "/assets/",
        "/assets/none.js",
        "/assets/..%2findex.html",
        "/index.html",
        "/static/index.html",
        *(f"/{name}/x" for name in ["ws", "ws-kerb", "jid", "moi-ws", "es", "lgbk"]),
    ],
)
def test_there_is_no_catch_all(shared: ServerProcess, path: str) -> None:
    assert requests.get(shared.url + path, headers=BROWSER, timeout=60).status_code == 404
