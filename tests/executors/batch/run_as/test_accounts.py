"""Whose account a user's jobs run as, and what is remembered of it."""

import pwd
from pathlib import Path

import pytest

from headway.core.errors import ExecutorUnavailable, InvalidRequest
from headway.core.model.names import JobId, Tag, tag_of
from headway.executors.batch.run_as.accounts import Account, Accounts, NoAccount
from headway.executors.batch.run_as.accounts_of_tags import AccountsOfTags
from headway.executors.batch.run_as.settings import divided

pytestmark = pytest.mark.anyio

_JOB = JobId("01a203d7-c563-7577-a502-a1c30f1ae74c")
_OTHER = JobId("01a203d7-c563-7577-a502-a1c30f1ae74d")


async def test_a_user_has_the_account_of_the_same_name_or_the_one_that_settings_name() -> None:
    accounts = Accounts({"alice@example.org": "games"}, own_uid=12345)
    assert accounts.name_for("alice@example.org") == "games"
    assert accounts.name_for("nobody") == "nobody"
    assert await accounts.named("games") == Account("games", pwd.getpwnam("games").pw_dir)
    accounts.close()


@pytest.mark.parametrize(
    "name",
    [
        "",
        "root",
        "no-such-user",
        "0",
        "#0",
        "-u",
        "games\n",
        "ga mes",
        "a/b",
        "..",
        "a\0b",
        "é",
        "x" * 999,
    ],
)
async def test_no_job_runs_as_a_name_that_is_no_plain_account(name: str) -> None:
    accounts = Accounts({}, own_uid=12345)
    with pytest.raises(NoAccount):
        await accounts.named(name)
    accounts.close()


async def test_no_job_runs_as_the_server_itself() -> None:
    accounts = Accounts({}, own_uid=pwd.getpwnam("games").pw_uid)
    with pytest.raises(NoAccount, match="the account of the server itself"):
        await accounts.named("games")
    accounts.close()


async def _started(directory: Path) -> AccountsOfTags:
    made = AccountsOfTags(directory)
    await made.start()
    return made


async def test_accounts_are_remembered_over_a_restart(tmp_path: Path) -> None:
    before = await _started(tmp_path / "data")
    await before.write({tag_of(_JOB, 1): "games", tag_of(_OTHER, 1): "nobody"})
    await before.forget([tag_of(_OTHER, 1)])
    before.close()
    after = await _started(tmp_path / "data")
    assert (after.of(tag_of(_JOB, 1)), after.of(tag_of(_OTHER, 1))) == ("games", None)
    after.close()


async def test_an_attempt_that_the_scheduler_made_is_of_the_account_before(tmp_path: Path) -> None:
    made = await _started(tmp_path)
    await made.write({tag_of(_JOB, 1): "games", tag_of(_JOB, 3): "nobody"})
    found = [made.of(tag_of(_JOB, no)) for no in (1, 2, 3, 4)]
    assert found == ["games", "games", "nobody", "nobody"]
    made.close()


async def test_a_line_that_a_crash_has_cut_is_nobodys_and_spoils_no_other(tmp_path: Path) -> None:
    made = await _started(tmp_path)
    await made.write({tag_of(_JOB, 1): "games"})
    made.close()
    with (tmp_path / "accounts").open("ab") as file:
        file.write(b"\n" + tag_of(_OTHER, 1).encode() + b" nob")
    again = await _started(tmp_path)
    assert again.of(tag_of(_OTHER, 1)) is None
    await again.write({tag_of(_OTHER, 2): "nobody"})
    again.close()
    last = await _started(tmp_path)
    assert last.of(tag_of(_JOB, 1)) == "games"
    assert last.of(tag_of(_OTHER, 2)) == "nobody"
    last.close()


async def test_what_cannot_be_remembered_is_not_handed_over(tmp_path: Path) -> None:
    made = await _started(tmp_path / "data")
    (tmp_path / "data" / "accounts").unlink()
    (tmp_path / "data" / "accounts").mkdir()
    with pytest.raises(ExecutorUnavailable, match="cannot be written"):
        await made.write({Tag(f"{_JOB}.1"): "games"})
    assert made.of(tag_of(_JOB, 1)) is None
    made.close()


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        ({"run_as": "root"}, "cluster"),
        ({"run_as": "sudo"}, "directory"),
        ({"run_as": "sudo", "directory": "/shared"}, "directory"),
        ({"run_as": "sudo", "directory": "shared/{user}"}, "directory"),
        ({"run_as": "sudo", "directory": "/shared/{user}/{x}"}, "directory"),
        ({"run_as": "sudo", "directory": "/{user}", "ssh": "gate"}, "run_as"),
        ({"run_as": "sudo", "directory": "/{user}", "run_as_program": "sh"}, "run_as_program"),
        (
            {"run_as": "sudo", "directory": "/{user}", "run_as_directory": "/a/.."},
            "run_as_directory",
        ),
        ({"run_as": "sudo", "directory": "/{user}", "users": {"a": "root"}}, "user"),
        ({"run_as": "sudo", "directory": "/{user}", "users": {"a": "-x"}}, "user"),
        ({"run_as": "sudo", "directory": "/{user}", "users": 3}, "cluster"),
        ({"users": {"a": "b"}}, "users"),
        ({"run_as": "server", "run_as_program": "/x"}, "run_as_program"),
    ],
    ids=str,
)
def test_settings_that_cannot_be_meant_are_refused_by_name(
    settings: dict[str, object], field: str
) -> None:
    with pytest.raises(InvalidRequest) as refused:
        divided(settings)
    assert refused.value.field == field


def test_without_a_word_jobs_run_as_the_server() -> None:
    assert divided({"directory": "/shared"}) == (None, {"directory": "/shared"})
    assert divided({"run_as": "server"}) == (None, {})


@pytest.mark.parametrize("directory", ["/scratch/{user}/headway", "{home}/.headway"])
def test_each_account_has_a_directory_of_its_own(directory: str) -> None:
    told, others = divided({"run_as": "sudo", "directory": directory, "timeout_s": 3})
    assert told is not None
    assert (told.directory, others) == (directory, {"timeout_s": 3})
