"""What pages point to is there, and what they name is everybody's."""

import re
from functools import cache
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
PAGES: Final = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
FENCED: Final = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
LINK: Final = re.compile(r"\]\(([^()\s]+)\)")
HEADING: Final = re.compile(r"^#+ (.+)$", re.MULTILINE)
ELSEWHERE: Final = re.compile(r"(https?|mailto):")
#: Paths that only somebody's own machine has.
OWN_PATH: Final = re.compile(r"(?<![\w.~$}/-])/(home|root|work|mnt|srv|Users|opt)/\w")


def named(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@cache
def anchors_of(page: Path) -> frozenset[str]:
    """Give the anchors that GitHub makes of a page's headings."""
    headings = HEADING.findall(FENCED.sub("", page.read_text("utf-8")))
    plain = (re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings)
    return frozenset(plain)


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    lost = []
    # Lines that are indented by four are code, too.
    text = re.sub(r"^ {4}.*$", "", FENCED.sub("", page.read_text("utf-8")), flags=re.MULTILINE)
    for link in LINK.findall(text):
        if ELSEWHERE.match(link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in anchors_of(target)):
            lost.append(link)
    assert lost == []


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_no_page_names_a_path_of_somebodys_own_machine(page: Path) -> None:
    assert OWN_PATH.findall(page.read_text("utf-8")) == []


def test_the_index_leads_to_every_page() -> None:
    index = ROOT / "docs" / "index.md"
    linked = {(index.parent / link).resolve() for link in LINK.findall(index.read_text("utf-8"))}
    pages = {page for page in PAGES if (ROOT / "docs") in page.parents and page != index}
    assert pages - linked == set()
