"""What of the helpers' journal still has to be made durable by them."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from headway.executors.local import journal, process
from headway.executors.local.attempts import Attempts
from headway.executors.local.wire import Launch


@pytest.fixture
def attempts(tmp_path: Path) -> Iterator[Attempts]:
    entries = journal.create(bytes(tmp_path / "journal"), boot_id=process.boot_id())
    yield Attempts(entries)
    entries.close()


def _launch(tag: bytes) -> Launch:
    return Launch(
        tag=tag,
        argv=[b"true"],
        environment=[],
        inherit=True,
        directory=b"",
        stdin_path=b"",
        place=os.fsencode("/nowhere"),
        limit_s=0.0,
    )


def _with_news(attempts: Attempts, tag: bytes) -> int:
    slot = attempts.reserve(_launch(tag))
    attempts.note(slot)
    attempts.write_noted()
    return slot


def test_news_waits_for_a_sync_until_the_server_has_it(attempts: Attempts) -> None:
    first, second = _with_news(attempts, b"a.1"), _with_news(attempts, b"b.1")
    assert attempts.unsynced == {first, second}
    attempts.drop(first)
    assert attempts.unsynced == {second}
    attempts.drop(second)
    assert not attempts.unsynced


def test_a_sync_before_a_start_makes_older_news_durable_too(attempts: Attempts) -> None:
    _with_news(attempts, b"a.1")
    attempts.sync()
    assert not attempts.unsynced
    assert not attempts.journal.unsynced


def test_news_is_as_old_as_the_first_of_it(attempts: Attempts) -> None:
    _with_news(attempts, b"a.1")
    since = attempts.unsynced_since
    _with_news(attempts, b"b.1")
    assert attempts.unsynced_since == since
