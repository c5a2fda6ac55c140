"""Logins have all kinds of shells, and so have machines for /bin/sh."""

import shutil
from pathlib import Path

import pytest
from tests.executors.batch.transports.login import Login, over_ssh

from headway.core.errors import ExecutorUnavailable, NotFound
from headway.executors.batch.command import Command
from headway.executors.batch.ssh import OverSsh
from headway.executors.batch.transport import File

pytestmark = pytest.mark.anyio

#: A shell's program, what it is called with, and the mark of a test that wants it.
LOGIN_SHELLS = [
    pytest.param(words, marks=pytest.mark.service(words[0]), id=words[-1])
    for words in (
        ("dash",),
        ("bash",),
        ("tcsh",),
        ("zsh",),
        ("fish",),
        ("mksh",),
        ("busybox", "ash"),
    )
]
POSIX_SHELLS = [
    pytest.param(name, marks=pytest.mark.service(name))
    for name in ("dash", "bash", "busybox", "mksh", "zsh")
]
ALL_BYTES = bytes(range(256))
WORDS = ("a'b\"c!$d`e\\", "\n\n", "é\udcff*", "", "-n", "\x01\x7f\udc81\udc88")


async def do_all(ssh: OverSsh, place: Path) -> None:
    """Do one of each thing that a transport does."""
    told = Command(
        argv=("sh", "-c", r'cat; printf "%s\0" "$OWN" "$@"; echo err >&2; exit 255', "sh", *WORDS),
        stdin=ALL_BYTES,
        environment={"OWN": "1\n2"},
    )
    output = await ssh.run(told)
    words = "".join(f"{word}\0" for word in ("1\n2", *WORDS)).encode("utf-8", "surrogateescape")
    assert (output.stdout, output.stderr, output.exit_code) == (ALL_BYTES + words, b"err\n", 255)
    paths = f"{place}/a'b/with NUL", f"{place}/c/without"
    datas = ALL_BYTES, ALL_BYTES[1:]
    await ssh.write([File(path=p, data=d) for p, d in zip(paths, datas, strict=True)])
    found = await ssh.collect([*paths, f"{place}/none"])
    assert found == dict(zip(paths, datas, strict=True))
    assert list(await ssh.missing_directories([str(place), paths[0]])) == [paths[0]]
    assert (await ssh.read(paths[0], offset=3, limit=4)).data == ALL_BYTES[3:7]
    assert sorted(await ssh.names(str(place))) == ["a'b", "c"]
    assert not await ssh.write_new(File(path=paths[0], data=b""))
    with pytest.raises(NotFound):
        await ssh.read(f"{place}/none", offset=0, limit=1)
    await ssh.remove([str(place)])
    assert list(await ssh.missing_directories([str(place)])) == [str(place)]


@pytest.mark.parametrize("words", LOGIN_SHELLS)
async def test_any_login_shell_will_do(
    login: Login, tmp_path: Path, words: tuple[str, ...]
) -> None:
    login.greets("echo hello; echo hello >&2", shell=words)
    ssh = over_ssh(login.sshd, tmp_path)
    await do_all(ssh, tmp_path / "place")
    await ssh.close()


@pytest.mark.parametrize("name", POSIX_SHELLS)
async def test_any_posix_shell_will_do(login: Login, tmp_path: Path, name: str) -> None:
    as_sh = tmp_path / name / "sh"  # busybox goes by its name
    as_sh.parent.mkdir()
    as_sh.symlink_to(shutil.which(name) or "")
    ssh = over_ssh(login.sshd, tmp_path, shell=str(as_sh))
    await do_all(ssh, tmp_path / "place")
    await ssh.close()


async def test_what_a_site_wants_done_before_each_command_is_done(
    login: Login, tmp_path: Path
) -> None:
    text = "echo loading; echo modules >&2; cat; false; SITE='a b'\nexport SITE"
    ssh = over_ssh(login.sshd, tmp_path, prelude=text)
    output = await ssh.run(Command(argv=("sh", "-c", 'printf %s "$SITE"')))
    assert (output.stdout, output.stderr) == (b"a b", b"")
    await ssh.close()


async def test_a_program_is_looked_for_where_what_is_done_before_says(
    login: Login, tmp_path: Path
) -> None:
    own = tmp_path / "squeue"
    own.write_text("#!/bin/sh\necho mine\n")
    own.chmod(0o700)
    ssh = over_ssh(login.sshd, tmp_path, prelude=f"PATH='{tmp_path}':$PATH")
    assert (await ssh.run(Command(argv=("squeue",)))).stdout == b"mine\n"
    await ssh.close()


async def test_what_is_done_before_and_is_no_shells_text_is_told(
    login: Login, tmp_path: Path
) -> None:
    ssh = over_ssh(login.sshd, tmp_path, prelude="if then")
    with pytest.raises(ExecutorUnavailable, match=r"[Ss]yntax error"):
        await ssh.run(Command(argv=("true",)))
    await ssh.close()


async def test_commands_have_the_logins_own_locale(login: Login, tmp_path: Path) -> None:
    login.greets("LC_ALL=C.UTF-8; export LC_ALL")
    ssh = over_ssh(login.sshd, tmp_path)
    output = await ssh.run(Command(argv=("sh", "-c", 'printf %s "$LC_ALL"')))
    assert output.stdout == b"C.UTF-8"
    await ssh.close()


async def test_commands_have_no_locale_where_the_login_has_none(
    login: Login, tmp_path: Path
) -> None:
    login.greets("unset LC_ALL")
    ssh = over_ssh(login.sshd, tmp_path)
    output = await ssh.run(Command(argv=("sh", "-c", 'printf %s "${LC_ALL-none}"')))
    assert output.stdout == b"none"
    await ssh.close()
