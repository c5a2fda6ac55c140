"""What a cluster can be told, and what is refused before anything is started."""

from pathlib import Path
from typing import Any

import pytest
from tests.rigs.sshd import Sshd

from headway.app.system import SystemClock
from headway.core.errors import InvalidRequest
from headway.executors.batch.settings import read_settings
from headway.executors.slurm.plugin import plugin


def test_what_is_left_out_has_its_default() -> None:
    read = read_settings({"directory": "/shared", "ssh": "login", "ssh_shell": "/usr/bin/dash"})
    assert (read.ssh_shell, read.commands_at_once, read.jobs_at_once) == (
        "/usr/bin/dash",
        8,
        10_000,
    )


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        ({"timeout_s": 0}, "timeout_s"),
        ({"timeouts_s": {"sacct": 0}}, "timeouts_s"),
        ({"timeouts_s": {"qacct": 9}}, "timeouts_s"),
        ({"list_every_s": float("inf")}, "list_every_s"),
        ({"lost_after_s": float("nan")}, "lost_after_s"),
        ({"list_share": 0}, "list_share"),
        ({"list_share": 1.1}, "list_share"),
        ({"jobs_at_once": 0}, "jobs_at_once"),
        ({"commands_at_once": 0}, "commands_at_once"),
        ({"directory": "shared"}, "directory"),
        ({"ssh": "login"}, "directory"),
        ({"ssh_shell": "sh"}, "ssh_shell"),
        ({"ssh_shell": "/bin/sh -x"}, "ssh_shell"),
        ({"ssh_shell": "/bin/$sh"}, "ssh_shell"),
        ({"unknown": 1}, "unknown"),
        ({"programs": {"qsub": "/bin/qsub"}}, "programs"),
    ],
)
def test_what_cannot_be_is_refused_by_its_name(
    tmp_path: Path, settings: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidRequest) as caught:
        plugin.make(settings, clock=SystemClock(), data=tmp_path, base_environment={})
    assert caught.value.field == field


@pytest.mark.anyio
@pytest.mark.parametrize("shell", ["/bin/bash", "/bin/dash"])
async def test_a_login_nodes_shell_is_the_one_that_was_named(
    login_node: Sshd, tmp_path: Path, shell: str
) -> None:
    settings = {
        "ssh": login_node.host,
        "ssh_options": ("-F", str(login_node.config)),
        "ssh_shell": shell,
        "ssh_prelude": f"readlink /proc/$$/exe >{tmp_path}/shell",
        "commands_at_once": 1,
        "directory": str(tmp_path / "cluster"),
        "programs": {"squeue": str(tmp_path / "squeue")},
    }
    program = tmp_path / "squeue"
    program.write_text("#!/bin/sh\necho slurm 23.11.0\n")
    program.chmod(0o755)
    executor = plugin.make(
        settings, clock=SystemClock(), data=tmp_path, base_environment={"PATH": "/usr/bin:/bin"}
    )
    await executor.start()
    await executor.close()
    assert (tmp_path / "shell").read_text().strip().endswith(shell)
