"""What only a connection can do to an answer: be refused, cut, die, hang, and have others talk into it."""

import asyncio
import contextlib
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.executors.batch.transports.login import Login, end_of, masters, over_ssh, pids_in, until
from tests.faults.counts import dice, rounds
from tests.rigs.processes import kill
from tests.rigs.sshd import Sshd

from headway.core.errors import ExecutorSlow, ExecutorUnavailable, InvalidRequest
from headway.executors.batch.command import Command
from headway.executors.batch.ssh import OverSsh
from headway.executors.batch.ssh_sessions import Client
from headway.executors.batch.transport import File

pytestmark = pytest.mark.anyio

HELLO = Command(argv=("echo", "hello"))
HANGING_S = 4.0  # enough for a busy machine to connect, and to start what hangs


def shell(text: str, *arguments: str) -> Command:
    return Command(argv=("sh", "-c", text, "sh", *arguments))


async def says_hello(ssh: OverSsh) -> bool:
    return (await ssh.run(HELLO)).stdout == b"hello\n"


def sockets(login: Login) -> list[Path]:
    """Find the sockets of this host's connections, by what their clients were called with."""
    found = []
    for pid in masters(login.sshd):
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        found.append(Path(os.fsdecode(words[words.index(b"-S") + 1])))
    return found


def contents(place: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in place.glob("*") if path.name[0] != "."}


@contextlib.contextmanager
def few_sessions(sshd: Sshd) -> Iterator[None]:
    """Have a host allow one session a connection."""
    settings = sshd.directory / "sshd_config"
    settings.write_text(settings.read_text().replace("MaxSessions 200", "MaxSessions 1"))
    sshd.stop_listening()
    subprocess.run(["/usr/sbin/sshd", "-f", str(settings)], check=True)
    try:
        yield
    finally:
        sshd.stop_listening()
        sshd.listen()


async def test_all_commands_share_one_connection(ssh: OverSsh, login: Login) -> None:
    before = login.sshd.connections()
    await asyncio.gather(*(says_hello(ssh) for _ in range(20)))
    assert login.sshd.connections() == before + 1


async def test_the_connection_ends_when_it_is_closed(ssh: OverSsh, login: Login) -> None:
    before = masters(login.sshd)
    await ssh.start()
    assert len(masters(login.sshd) - before) == 1
    await ssh.close()
    await until(lambda: masters(login.sshd) == before)


async def test_a_login_that_talks_is_not_taken_for_an_answer(ssh: OverSsh, login: Login) -> None:
    login.greets(
        "echo 'Welcome!'; echo 'No mail.' >&2; printf 'no end of line'; (sleep 1; echo late) &"
    )
    output = await ssh.run(shell("echo out; echo err >&2; exit 3"))
    assert (output.stdout, output.stderr, output.exit_code) == (b"out\n", b"err\n", 3)


async def test_a_login_that_prints_megabytes_is_not_taken_for_an_answer(
    ssh: OverSsh, login: Login
) -> None:
    login.greets("yes | head -c 3000000; yes | head -c 3000000 >&2")
    assert await says_hello(ssh)


async def test_a_login_without_a_shell_is_told_in_its_own_words(ssh: OverSsh, login: Login) -> None:
    login.greets("echo This account is currently not available.; exit 1")
    with pytest.raises(ExecutorUnavailable, match=r"This account is currently not available"):
        await ssh.start()


async def test_a_key_that_is_not_known_is_told_in_sshs_own_words(
    ssh: OverSsh, login: Login
) -> None:
    login.knows_nobody()
    with pytest.raises(ExecutorUnavailable, match=r"ssh to login: .*Permission denied \(publickey"):
        await ssh.start()


async def test_a_host_key_that_has_changed_is_told_in_sshs_own_words(
    login: Login, tmp_path: Path
) -> None:
    other = (login.sshd.directory / "client_key.pub").read_text()
    known = tmp_path / "known_hosts"
    known.write_text(f"[127.0.0.1]:{login.sshd.port} {other}")
    ssh = over_ssh(login.sshd, tmp_path, options=("-o", f"UserKnownHostsFile={known}"))
    with pytest.raises(
        ExecutorUnavailable, match=r"IDENTIFICATION HAS CHANGED.*Host key verification"
    ):
        await ssh.start()


async def test_a_host_that_refuses_connections_is_told_and_taken_again_when_it_is_back(
    ssh: OverSsh, login: Login
) -> None:
    login.sshd.stop_listening()
    with pytest.raises(ExecutorUnavailable, match="Connection refused"):
        await ssh.start()
    login.sshd.listen()
    assert await says_hello(ssh)


async def test_all_who_wait_for_a_connection_that_cannot_be_made_are_told_at_once(
    login: Login, tmp_path: Path
) -> None:
    count = tmp_path / "count"
    counting = f"ProxyCommand=/bin/sh -c 'echo x >>{count}; sleep 0.2'"
    ssh = over_ssh(login.sshd, tmp_path, options=("-o", counting))
    running = (ssh.run(HELLO) for _ in range(20))
    done = await asyncio.gather(*running, return_exceptions=True)
    assert {type(each) for each in done} == {ExecutorUnavailable}
    assert count.read_text() == "x\n"
    await ssh.close()


async def test_a_client_that_is_not_installed_is_told(login: Login, tmp_path: Path) -> None:
    ssh = OverSsh("login", {}, {}, Client(environment={"PATH": str(tmp_path)}, directory=tmp_path))
    with pytest.raises(ExecutorUnavailable, match="cannot start OpenSSH's client"):
        await ssh.start()


@pytest.mark.parametrize("word", ["", "-oProxyCommand=id", "a b", "a\nb", "a\0b"])
def test_what_ssh_would_not_take_for_a_destination_is_refused(word: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match="no destination for ssh"):
        OverSsh(word, {}, {}, Client(environment={}, directory=tmp_path))


async def test_a_socket_whose_path_would_be_too_long_is_put_elsewhere(
    login: Login, tmp_path: Path
) -> None:
    ssh = over_ssh(login.sshd, tmp_path / ("long" * 20))
    assert await says_hello(ssh)
    await ssh.close()


@pytest.mark.parametrize("name", ["with blanks", "50%", "50%h", "quote'", "~", "$HOME", "${HOME}"])
async def test_a_socket_may_be_in_a_directory_of_any_name(
    login: Login, tmp_path: Path, name: str
) -> None:
    ssh = over_ssh(login.sshd, tmp_path / name)
    assert await says_hello(ssh)
    await ssh.close()


async def test_commands_go_on_when_the_socket_was_deleted(ssh: OverSsh, login: Login) -> None:
    await ssh.start()
    for socket in sockets(login):
        socket.unlink(missing_ok=True)
    assert await says_hello(ssh)


async def test_commands_go_on_when_the_client_that_holds_the_connection_was_killed(
    ssh: OverSsh, login: Login
) -> None:
    await ssh.start()
    kill(masters(login.sshd))
    assert await says_hello(ssh)


async def test_many_commands_make_one_new_connection_when_it_was_killed(
    ssh: OverSsh, login: Login
) -> None:
    await ssh.start()
    held = masters(login.sshd)
    kill(held)
    await end_of(sorted(held))
    assert all(await asyncio.gather(*(says_hello(ssh) for _ in range(20))))
    assert len(masters(login.sshd)) == 1


async def test_a_command_whose_connection_is_cut_is_not_known_to_have_ended_and_is_killed(
    ssh: OverSsh, login: Login, tmp_path: Path
) -> None:
    pids = tmp_path / "pids"
    running = asyncio.create_task(
        ssh.run(shell('echo $$ >>"$1"; sleep 600 & echo $! >>"$1"; yes', str(pids)))
    )
    found = await pids_in(pids, 2)
    login.sshd.cut_connections()
    with pytest.raises(ExecutorUnavailable, match="ssh to login"):
        await running
    await end_of(found)
    assert await says_hello(ssh)


async def test_a_command_whose_client_was_killed_is_killed_there(
    ssh: OverSsh, login: Login, tmp_path: Path
) -> None:
    pids = tmp_path / "pids"
    running = asyncio.create_task(
        ssh.run(shell('echo $$ >>"$1"; sleep 600 & echo $! >>"$1"; wait', str(pids)))
    )
    found = await pids_in(pids, 2)
    kill(masters(login.sshd))
    with pytest.raises(ExecutorUnavailable):
        await running
    await end_of(found)


async def test_a_command_dies_by_itself_where_the_cut_is_never_heard_of(
    login: Login, tmp_path: Path
) -> None:
    pids = tmp_path / "pids"
    ssh = over_ssh(login.sshd, tmp_path, timeout_s=HANGING_S)
    await ssh.start()
    running = asyncio.create_task(
        ssh.run(shell('echo $$ >>"$1"; sleep 600 & echo $! >>"$1"; wait', str(pids)))
    )
    found = await pids_in(pids, 2)
    held = masters(login.sshd)
    for pid in held:
        os.kill(pid, signal.SIGSTOP)  # as a network that drops all, and says nothing
    with pytest.raises(ExecutorSlow):
        await running
    await end_of(found)
    kill(held)
    await ssh.close()


async def test_a_connection_that_does_not_answer_is_told_and_a_new_one_made(
    login: Login, tmp_path: Path
) -> None:
    ssh = over_ssh(login.sshd, tmp_path)
    await ssh.start()
    hung = over_ssh(login.sshd, tmp_path, connect_timeout_s=HANGING_S)
    before = masters(login.sshd)
    await hung.start()
    (held,) = masters(login.sshd) - before
    os.kill(held, signal.SIGSTOP)
    with pytest.raises(ExecutorUnavailable, match="did not answer within 4 s"):
        await hung.run(HELLO)
    with contextlib.suppress(ExecutorUnavailable):  # it may be little on a busy machine
        await hung.run(HELLO)
    assert held not in masters(login.sshd) or len(masters(login.sshd) - before) > 1
    kill({held})
    await hung.close()
    await ssh.close()


async def test_a_login_that_hangs_is_told(login: Login, tmp_path: Path) -> None:
    login.greets("sleep 30")
    ssh = over_ssh(login.sshd, tmp_path, connect_timeout_s=HANGING_S)
    with pytest.raises(ExecutorUnavailable, match="did not answer within 4 s"):
        await ssh.run(HELLO)
    await ssh.close()


@pytest.mark.soak
async def test_an_answer_is_whole_or_none_wherever_the_connection_is_cut(
    ssh: OverSsh, login: Login, tmp_path: Path
) -> None:
    choose = dice()
    log = tmp_path / "log"
    log.write_bytes(bytes(choose.choices(range(256), k=1 << 20)))
    for _ in range(rounds(400)):
        await ssh.start()
        reading = asyncio.create_task(ssh.run(Command(argv=("cat", str(log)))))
        await asyncio.sleep(choose.random() * 0.06)
        if choose.random() < 0.5:
            login.sshd.cut_connections()
        else:
            kill(masters(login.sshd))
        with contextlib.suppress(ExecutorUnavailable):
            assert (await reading).stdout == log.read_bytes()


@pytest.mark.soak
async def test_files_are_written_whole_or_not_at_all_wherever_the_connection_is_cut(
    ssh: OverSsh, login: Login, tmp_path: Path
) -> None:
    choose = dice()
    for number in range(rounds(200)):
        await ssh.start()
        place = tmp_path / str(number)
        wanted = {f"{place}/{i}": os.urandom(50_000) for i in range(5)}
        files = [File(path=path, data=data) for path, data in wanted.items()]
        writing = asyncio.create_task(ssh.write(files))
        await asyncio.sleep(choose.random() * 0.1)
        login.sshd.cut_connections()
        with contextlib.suppress(ExecutorUnavailable):
            await writing
            assert contents(place) == wanted
        assert contents(place).items() <= wanted.items()


async def test_more_sessions_than_sshd_allows_are_told_in_words(
    login: Login, tmp_path: Path
) -> None:
    ssh = over_ssh(login.sshd, tmp_path)
    gate = tmp_path / "gate"
    through = shell('until [ -e "$1" ]; do sleep 0.05; done', str(gate))
    with few_sessions(login.sshd):
        await until_it_listens(ssh)
        running = [asyncio.create_task(ssh.run(through)) for _ in range(3)]
        with pytest.raises(ExecutorUnavailable, match="MaxSessions"):
            await next(asyncio.as_completed(running))
        gate.touch()
        await asyncio.gather(*running, return_exceptions=True)
    await ssh.close()


async def until_it_listens(ssh: OverSsh) -> None:
    while True:
        try:
            return await ssh.start()
        except ExecutorUnavailable:
            await asyncio.sleep(0.05)
