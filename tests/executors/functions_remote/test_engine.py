"""What an engine of another system answers when it cannot know or note something yet; without that system."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Final

import pytest

from headway.core.errors import Conflict, ExecutorUnavailable
from headway.core.model.names import Tag
from headway.executors.functions.engine import Death, Making, Task, Where
from headway.executors.functions.engines.remote.engine import RemoteEngine

pytestmark: Final = pytest.mark.anyio

TAG: Final = Tag("01a20537-9d2d-7bb0-8e01-627d1e4b4c4e.1")
CLAIM: Final = b'{"claim":{"worker":"w","host":"h","pid":1}}'
OUTCOME: Final = b'{"outcome":{"worker":"w","outcome":{"state":"succeeded"},"data":""}}'


class Ear:
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def began(self, tag: Tag, where: Where) -> None:
        self.heard.append("began")

    def ended(self, tag: Tag, where: Where, outcome: bytes, data: bytes) -> None:
        self.heard.append("ended")

    def died(self, tag: Tag, where: Where, death: Death) -> None:
        self.heard.append("died")

    def cancelled(self, tag: Tag) -> None:
        self.heard.append("cancelled")

    def away(self, message: str) -> None:
        self.heard.append("away")


Make = Callable[[], RemoteEngine]


@pytest.fixture
def ear() -> Ear:
    return Ear()


@pytest.fixture
def make(tmp_path: Path, ear: Ear) -> Make:
    """Make engines of the same data, whose system is always away."""
    return lambda: RemoteEngine(
        making(tmp_path), ear, module="tests.no_such", settings={}, beat_s=1
    )


def making(data: Path, **settings: object) -> Making:
    return Making(
        name="other",
        data=data,
        base_environment={},
        workers=None,
        grace_s=1,
        idle_s=1,
        now=lambda: datetime(2026, 11, 22, tzinfo=UTC),
        settings=settings,
    )


async def start(engine: RemoteEngine) -> None:
    """Have it take up what there is; its system is away."""
    with pytest.raises(ExecutorUnavailable):
        await engine.start()


async def test_a_worker_that_speaks_before_its_work_was_taken_up_is_to_say_it_again(
    make: Make, ear: Ear
) -> None:
    before = make()
    await start(before)
    await before.submit([Task(tag=TAG, order={"tag": TAG})])
    await before.heard(TAG, CLAIM)
    after = make()
    for word in (CLAIM, OUTCOME):
        with pytest.raises(ExecutorUnavailable):
            await after.heard(TAG, word)
    await start(after)
    await after.heard(TAG, CLAIM)
    await after.heard(TAG, OUTCOME)
    assert ear.heard == ["began", "began", "ended"]
    with pytest.raises(Conflict):
        await after.heard(TAG, CLAIM)


async def test_what_cannot_be_noted_is_not_taken_and_is_when_it_can(
    make: Make, ear: Ear, tmp_path: Path
) -> None:
    engine = make()
    await start(engine)
    task = Task(tag=TAG, order={"tag": TAG})
    in_the_way = tmp_path / "attempts"
    in_the_way.touch()
    with pytest.raises(ExecutorUnavailable, match="cannot be written"):
        await engine.submit([task])
    in_the_way.unlink()
    await engine.submit([task])
    place = in_the_way / TAG
    for name, word in (("claim", CLAIM), ("outcome", OUTCOME)):
        (place / f"{name}.new").mkdir()
        with pytest.raises(ExecutorUnavailable, match="cannot be written"):
            await engine.heard(TAG, word)
        (place / f"{name}.new").rmdir()
        await engine.heard(TAG, word)
    assert ear.heard == ["began", "ended"]


async def test_a_wish_that_cannot_be_noted_is_kept_by_whoever_has_it(
    make: Make, ear: Ear, tmp_path: Path
) -> None:
    engine = make()
    await start(engine)
    await engine.submit([Task(tag=TAG, order={"tag": TAG})])
    in_the_way = tmp_path / "attempts" / TAG / "cancelled.new"
    in_the_way.mkdir()
    with pytest.raises(ExecutorUnavailable, match="cannot be written"):
        await engine.cancel([TAG])
    in_the_way.rmdir()
    await engine.cancel([TAG])
    assert ear.heard == ["cancelled"]


@pytest.mark.parametrize(
    ("engine", "setting", "words"),
    [
        ("ipyparallel", "url_file", "there is no {}: start an ipyparallel cluster"),
        ("dask", "scheduler_file", "there is no scheduler file {}: start one"),
    ],
)
async def test_a_system_that_is_away_is_told_by_its_client_s_own_words(
    engine: str, setting: str, words: str, tmp_path: Path, ear: Ear
) -> None:
    missing = str(tmp_path / "missing.json")
    plugin = import_module(f"headway.executors.functions.engines.{engine}.plugin").plugin

    with pytest.raises(ExecutorUnavailable, match=re.escape(words.format(missing))):
        await plugin.make(making(tmp_path, **{setting: missing}), ear).start()
