"""The entry point and its settings."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from headway.core.errors import InvalidRequest
from headway.core.ports.executor import Executor
from headway.executors import local
from headway.executors.local.plugin import plugin
from headway.testing.fakes import FakeClock


def make(tmp_path: Path, **settings: object) -> Executor:
    clock = FakeClock(datetime(2026, 1, 1, tzinfo=UTC))
    return plugin.make(settings, clock=clock, data=tmp_path, base_environment={})


def test_the_package_gives_the_plugin_that_the_entry_point_names() -> None:
    assert local.plugin is plugin
    assert (plugin.api, plugin.name) == (1, "local")


def test_jobs_at_once_is_the_cores_unless_set(tmp_path: Path) -> None:
    assert make(tmp_path).room() == len(os.sched_getaffinity(0))
    assert make(tmp_path, jobs_at_once=7).room() == 7


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("jobs_at_once", 0),
        ("jobs_at_once", True),
        ("jobs_at_once", "4"),
        ("jobs_at_once", 1.5),
        ("grace_s", -1),
        ("grace_s", float("nan")),
        ("grace_s", "5"),
        ("grace_s", True),
        ("idle_s", -1),
        ("colour", "red"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(tmp_path: Path, name: str, value: object) -> None:
    with pytest.raises(InvalidRequest, match=name) as caught:
        make(tmp_path, **{name: value})
    assert caught.value.field == name


def test_making_an_executor_starts_and_writes_nothing(tmp_path: Path) -> None:
    make(tmp_path)
    assert list(tmp_path.iterdir()) == []
