"""Every example in the tutorial and the how-to guides is run, in its page's order, against a real server.

What the line that opens a block says decides:

- ``bash``, ``python``: run. Each block is a process of its own; files stay from one to the next.
- ``bash NAME``, ``python NAME``: saved as an executable file of that name.
- ``text output``: what the block before printed; ``…`` is any text.
- ``toml``: a server's configuration file, which a server would take.
- ``html``: the addresses in ``src`` answer with pictures.
- ``text``, and lines that are indented: not run.
"""

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import httpx
import pytest
from tests.faults.server.patience import eventually
from tests.rigs.slurm import Slurm

from headway.cli.configuration import configuration_of
from headway.plugins import executors
from headway.sdk.client import Client
from headway.testing.fakes import FakeClock
from headway.testing.server import ServerProcess, running_server

DOCS: Final = Path(__file__).parents[2] / "docs"
PAGES: Final = sorted([*(DOCS / "tutorial").glob("*.md"), *(DOCS / "howto").glob("*.md")])
ADDRESS: Final = "http://127.0.0.1:9998"
BLOCK: Final = re.compile(r"^```(?P<info>[^\n`]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
INFO: Final = re.compile(r"text( output)?|html|toml|(bash|python)( [a-z_]+\.(sh|py))?")
SOURCE: Final = re.compile(r'src="([^"]+)"')
TOO_LONG_S: Final = 120.0

pytestmark = pytest.mark.service("bash", "curl")


class Block(NamedTuple):
    """A fenced block; ``line`` is where it begins in its page."""

    info: str
    text: str
    line: int


class Reader:
    """Somebody who types what a page says, in an own home directory."""

    def __init__(self, home: Path, server: ServerProcess) -> None:
        self.home = home
        self._server = server
        self.printed = ""

    def follow(self, block: Block) -> None:
        """Do what a block says."""
        text = block.text.replace(ADDRESS, self._server.url)
        language, _, word = block.info.partition(" ")
        if block.info == "text output":
            shown = ".*".join(re.escape(part) for part in text.strip().split("…"))
            assert re.fullmatch(shown, self.printed.strip(), re.DOTALL), self.printed
        elif language == "toml":
            self._configure(text)
        elif language == "html":
            self._look(SOURCE.findall(text))
        elif language != "text" and word:
            file = self.home / word
            file.write_text(text, "utf-8")
            file.chmod(0o700)
        elif language != "text":
            program = {"bash": ["bash", "-euo", "pipefail"], "python": ["python3"]}[language]
            file = self.home / ".example"
            file.write_text(text, "utf-8")
            self.printed = self._run([*program, str(file)])

    def _configure(self, text: str) -> None:
        """Have the configuration read as ``headway serve --config`` does, and each of its clusters made."""
        said = configuration_of(tomllib.loads(text), self.home / "headway.toml")
        for cluster in said.clusters.values():
            executors().load(cluster.kind).make(
                cluster.settings, clock=FakeClock(), data=self.home, base_environment={}
            )

    def _run(self, command: Sequence[str]) -> str:
        run = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            cwd=self.home,
            env=self._environment(),
            timeout=TOO_LONG_S,
            check=False,
        )
        assert run.returncode == 0, f"status {run.returncode}\n{run.stdout}\n{run.stderr}"
        return run.stdout

    def _environment(self) -> Mapping[str, str]:
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("HEADWAY_")}  # noqa: TID251
        return inherited | {"HOME": str(self.home)} | dict(self._server.environment)

    def _look(self, addresses: Sequence[str]) -> None:
        for address in addresses:
            answer = httpx.get(address.replace("&amp;", "&"), trust_env=False, timeout=60)
            assert answer.status_code == 200, (address, answer.text)
            assert answer.headers["content-type"].startswith("image/"), address
            assert answer.headers["cross-origin-resource-policy"] == "cross-origin", address


def blocks_of(page: Path) -> Sequence[Block]:
    text = page.read_text("utf-8")
    return [
        Block(found["info"], found["text"], text.count("\n", 0, found.start()) + 1)
        for found in BLOCK.finditer(text)
    ]


@pytest.fixture
def reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Reader]:
    """A reader with a server of their own, which knows this Python's programs as its jobs do."""
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)
    home = tmp_path / "home"
    (home / ".local" / "share").mkdir(parents=True)
    data = tmp_path / "data"
    (home / ".local" / "share" / "headway").symlink_to(data)
    with running_server(data, arguments=("--settle", "1s", "--jobs-at-once", "8")) as server:
        yield Reader(home, server)


def follow_all(reader: Reader, page: Path) -> None:
    for block in blocks_of(page):
        try:
            reader.follow(block)
        except (AssertionError, subprocess.TimeoutExpired) as error:
            error.add_note(f"{page.name}, line {block.line}")
            raise


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_examples_of_a_page_do_what_it_says(reader: Reader, page: Path) -> None:
    follow_all(reader, page)


def test_a_backup_made_as_the_page_says_has_the_jobs(reader: Reader, tmp_path: Path) -> None:
    follow_all(reader, DOCS / "howto" / "back-up-and-upgrade.md")
    with running_server(reader.home / "backup") as restored, Client(restored.url) as client:
        jobs = list(client.jobs())
        assert [job.name for job in jobs] == ["kept"]
        assert client.log(jobs[0].id) == b"one\n"


def test_the_lines_of_the_readme_do_what_it_says(reader: Reader) -> None:
    readme = (DOCS.parent / "README.md").read_text("utf-8")
    table = readme[readme.index("| you have |") : readme.index("And to look")]
    lines = re.findall(r"`((?:curl|headway) .+?)`", table)
    serving = [line for line in lines if line.startswith("headway serve")]  # guides run them
    clusters = [line for line in lines if "--cluster" in line]  # see below
    assert (len(lines), len(serving), len(clusters)) == (15, 3, 2)
    for name in ("my_script.sh", "simulate", "reduce", "reduce.sh", "data.csv"):
        file = reader.home / name
        file.write_text("#!/bin/sh\necho done\n", "utf-8")
        file.chmod(0o700)
    for line in lines:
        if line in serving or line in clusters:
            continue
        reader.follow(Block("bash", line.replace("why 42", "why 1"), 0))
        assert reader.printed.strip() or " -O " in line
    reader.follow(Block("html", table, 0))


def test_the_lines_of_the_readme_for_a_cluster_hand_jobs_over(
    slurm: Slurm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)
    readme = (DOCS.parent / "README.md").read_text("utf-8")
    lines = re.findall(r"`(headway submit --cluster .+?)`", readme)
    (tmp_path / "simulate").write_text("#!/bin/sh\n", "utf-8")
    (tmp_path / "one").write_text("#!/bin/sh\n", "utf-8")
    for name in ("simulate", "one"):
        (tmp_path / name).chmod(0o700)
    config = tmp_path / "headway.toml"
    config.write_text("[cluster.slurm]\nkind = 'slurm'\nadopt = false\nlist_every_s = 0.5\n")
    with running_server(
        tmp_path / "data",
        arguments=("--config", str(config)),
        environment=slurm.environment,
    ) as server:
        reader = Reader(tmp_path, server)
        for line in lines:
            few = line.replace("0-999%50", "0-9%5")  # a thousand elements take half a minute to end
            reader.follow(Block("bash", f"HEADWAY_URL={server.url} {few}", 0))
        with Client(server.url) as client:
            ids = [job.id for job in client.jobs()]
            assert len(ids) == len(lines) == 2
            eventually(
                lambda: all(client.job(each).state != "accepted" for each in ids),
                what="all handed over",
            )
            said = [client.why(each).headline for each in ids]
            for each in ids:
                client.cancel(each)
    assert not any("refused" in words for words in said), said


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_block_says_whether_it_is_run(page: Path) -> None:
    unknown = [block for block in blocks_of(page) if not INFO.fullmatch(block.info)]
    assert unknown == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_no_block_is_left_open(page: Path) -> None:
    assert page.read_text("utf-8").count("\n```") == 2 * len(blocks_of(page))
