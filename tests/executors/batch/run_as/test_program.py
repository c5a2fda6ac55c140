"""The program that root installs: it runs the server's own script for the user that it is for, and refuses all else."""

import os
import pwd
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.executors.batch.run_as.installed import OTHER, SERVER, USER, Installed

from headway.executors.batch.run_as import headway_run, program


def test_the_servers_script_is_run_as_the_user_that_it_is_for(installed: Installed) -> None:
    done = installed.run()
    assert (done.returncode, done.stdout, done.stderr) == (0, b"it is games\n", b"")


def test_the_exit_code_is_the_scripts_own(installed: Installed) -> None:
    installed.put("script", b"exit 7")
    installed.put("digest", program.digest_of(b"exit 7", "games"))
    assert installed.run().returncode == 7


def test_the_script_reads_what_is_sent_to_it(installed: Installed) -> None:
    installed.put("script", b"cat")
    installed.put("digest", program.digest_of(b"cat", "games"))
    assert installed.run(input=b"a question").stdout == b"a question"


Change = Callable[[Installed], object]


def _script_of_another(one: Installed) -> None:
    one.give(one.sandbox / "script", OTHER, 0o644)


def _digest_of_another(one: Installed) -> None:
    one.give(one.sandbox / "digest", OTHER, 0o644)


def _script_of_root(one: Installed) -> None:
    one.give(one.sandbox / "script", pwd.getpwuid(0), 0o644)


def _group_may_write_script(one: Installed) -> None:
    (one.sandbox / "script").chmod(0o664)


def _all_may_write_digest(one: Installed) -> None:
    (one.sandbox / "digest").chmod(0o646)


def _group_may_write_sandbox(one: Installed) -> None:
    one.sandbox.chmod(0o775)


def _sticky_sandbox(one: Installed) -> None:
    one.sandbox.chmod(0o1777)


def _sandbox_of_the_user(one: Installed) -> None:
    one.give(one.sandbox, USER, 0o755)


def _sandbox_of_root(one: Installed) -> None:
    one.give(one.sandbox, pwd.getpwuid(0), 0o755)


def _directory_of_the_user(one: Installed) -> None:
    one.give(one.directory, USER, 0o755)


def _all_may_write_directory(one: Installed) -> None:
    one.directory.chmod(0o777)


def _sticky_directory(one: Installed) -> None:
    one.directory.chmod(0o1777)


def _all_may_write_above(one: Installed) -> None:
    one.place.chmod(0o777)


def _above_of_the_user(one: Installed) -> None:
    one.give(one.place, USER, 0o755)


def _digest_for_another(one: Installed) -> None:
    one.put("digest", program.digest_of(one.script, "nobody"))


def _digest_of_other_script(one: Installed) -> None:
    one.put("script", one.script + b"echo more")


def _digest_without_newline(one: Installed) -> None:
    one.put("digest", program.digest_of(one.script, "games").strip())


def _digest_with_more(one: Installed) -> None:
    one.put("digest", program.digest_of(one.script, "games") * 2)


def _digest_in_capitals(one: Installed) -> None:
    one.put("digest", program.digest_of(one.script, "games").upper())


def _empty_digest(one: Installed) -> None:
    one.put("digest", b"")


def _no_digest(one: Installed) -> None:
    (one.sandbox / "digest").unlink()


def _no_script(one: Installed) -> None:
    (one.sandbox / "script").unlink()


def _unreadable_script(one: Installed) -> None:
    (one.sandbox / "script").chmod(0o600)


def _linked_script(one: Installed) -> None:
    (one.sandbox / "script").rename(one.sandbox / "real")
    (one.sandbox / "script").symlink_to("real")


def _linked_digest(one: Installed) -> None:
    (one.sandbox / "digest").rename(one.sandbox / "real")
    (one.sandbox / "digest").symlink_to("real")


def _script_with_two_names(one: Installed) -> None:
    os.link(one.sandbox / "script", one.sandbox / "other")


def _script_is_a_pipe(one: Installed) -> None:
    (one.sandbox / "script").unlink()
    os.mkfifo(one.sandbox / "script")
    one.give(one.sandbox / "script", SERVER, 0o644)


def _script_is_a_directory(one: Installed) -> None:
    (one.sandbox / "script").unlink()
    (one.sandbox / "script").mkdir()
    one.give(one.sandbox / "script", SERVER, 0o755)


def _script_is_a_device(one: Installed) -> None:
    (one.sandbox / "script").unlink()
    try:
        os.mknod(one.sandbox / "script", 0o020644, os.makedev(1, 5))
    except PermissionError:
        pytest.skip("no device can be made here")
    one.give(one.sandbox / "script", SERVER, 0o644)


def _huge_script(one: Installed) -> None:
    script = one.script + b"#" * headway_run.MOST_BYTES
    one.put("script", script)
    one.put("digest", program.digest_of(script, "games"))


def _sparse_script(one: Installed) -> None:
    with (one.sandbox / "script").open("r+b") as file:
        file.truncate(1 << 40)


def _empty_script(one: Installed) -> None:
    one.put("script", b"")
    one.put("digest", program.digest_of(b"", "games"))


def _script_with_nul(one: Installed) -> None:
    one.put("script", one.script + b"\0")
    one.put("digest", program.digest_of(one.script + b"\0", "games"))


def _linked_sandbox(one: Installed) -> None:
    one.sandbox.rename(one.directory / "real")
    one.sandbox.symlink_to("real")


def _linked_directory(one: Installed) -> None:
    one.directory.rename(one.place / "real")
    one.directory.symlink_to("real")


def _no_sandbox(one: Installed) -> None:
    one.sandbox.rename(one.directory / "elsewhere")


def _no_configuration(one: Installed) -> None:
    one.configuration.unlink()


def _configuration_of_the_server(one: Installed) -> None:
    one.give(one.configuration, SERVER, 0o644)


def _all_may_write_configuration(one: Installed) -> None:
    one.configuration.chmod(0o666)


def _linked_configuration(one: Installed) -> None:
    one.configuration.rename(one.place / "real")
    one.configuration.symlink_to("real")


CHANGES = [
    each
    for name, each in sorted(globals().items())
    if name.startswith("_") and not name.startswith("__") and callable(each)
]
CONFIGURED = [
    {"server": "root"},
    {"server": "no-such-user"},
    {"server": ""},
    {"directory": ""},
    {"directory": "relative"},
    {"directory": "/"},
    {"directory": "/tmp/../tmp"},
    {"least_uid": "0"},
    {"least_uid": "-1"},
    {"least_uid": "many"},
    {"least_uid": "6"},
    {"deny": "games"},
    {"deny": "slurm,games"},
    {"denied": "nobody"},
    {"server": "games"},
    {"deny": "b\xf6se"},
]


@pytest.mark.parametrize(
    "change",
    CHANGES,
    ids=lambda change: change.__name__.strip("_"),
)
def test_anything_that_is_not_as_the_server_left_it_is_refused(
    installed: Installed, change: Change
) -> None:
    change(installed)
    installed.refuses()


@pytest.mark.parametrize("told", CONFIGURED, ids=str)
def test_what_root_does_not_allow_is_refused(installed: Installed, told: dict[str, str]) -> None:
    installed.configure(**told)
    installed.refuses()


def test_a_configuration_that_says_something_twice_is_refused(installed: Installed) -> None:
    with installed.configuration.open("a") as file:
        file.write("least_uid = 2\n")
    assert "least_uid = 2" in installed.refuses()


def test_users_below_a_thousand_are_refused_unless_root_says_otherwise(
    installed: Installed,
) -> None:
    installed.configure(least_uid="")
    assert installed.refuses() == "headway-run: nothing is run as games\n"


def test_nothing_is_run_as_root(installed: Installed) -> None:
    installed.put("digest", program.digest_of(installed.script, "root"))
    assert "as root" in installed.refuses(user=pwd.getpwuid(0))


def test_nothing_is_run_with_roots_group(installed: Installed) -> None:
    assert "root's group" in installed.refuses(group=0)


def test_nothing_is_run_as_the_servers_user(installed: Installed) -> None:
    installed.put("digest", program.digest_of(installed.script, "backup"))
    assert installed.refuses(user=SERVER) == "headway-run: nothing is run as backup\n"


def test_the_script_of_one_user_is_not_run_as_another(installed: Installed) -> None:
    assert "for nobody" in installed.refuses(user=OTHER)


def test_nothing_is_run_with_a_group_of_the_servers(installed: Installed) -> None:
    said = installed.refuses(groups=[USER.pw_gid, SERVER.pw_gid])
    assert "groups here that games is not in" in said


def test_nothing_is_run_with_another_group_than_the_users(installed: Installed) -> None:
    assert "group is not that of games" in installed.refuses(group=SERVER.pw_gid)


@pytest.mark.parametrize("caller", ["", "0", "5", "65534", "034", " 34", "backup"])
def test_nothing_is_run_for_another_caller_than_the_server(
    installed: Installed, caller: str
) -> None:
    assert "by the server's user" in installed.refuses(environment={"SUDO_UID": caller})


def test_nothing_is_run_for_a_user_that_is_not_there(installed: Installed) -> None:
    nobody_known = pwd.struct_passwd(("x", "x", 54321, 54321, "", "/", "/bin/sh"))
    assert "54321" in installed.refuses(user=nobody_known)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        "//",
        ".",
        "{directory}",
        "{directory}/",
        "{directory}/games/",
        "{directory}/games/.",
        "{directory}//games",
        "{directory}/./games",
        "{directory}/games/../games",
        "{directory}/../run-as/games",
        "/{directory}/games",
        "{directory}/games\n",
        "{directory}/games\n/etc",
        "{directory}/ga mes",
        "{directory}/-games",
        "{directory}/.games",
        "{directory}x/games",
        "{place}/games",
        "run-as/games",
        "~/games",
        "{directory}/" + "a/" * 3000 + "a",
        "{directory}/" + "a" * 300,
        "{directory}/games/script",
    ],
)
def test_a_path_that_is_not_plainly_a_sandbox_is_refused(installed: Installed, path: str) -> None:
    installed.refuses(path.format(directory=installed.directory, place=installed.place))


def test_a_path_of_any_bytes_is_refused(installed: Installed) -> None:
    assert (
        installed.refuses(bytes(installed.directory) + b"/g\xff\x1b[31mmes").strip().isprintable()
    )


@pytest.mark.parametrize("more", [(), ("again",), ("-x",)], ids=str)
def test_other_arguments_than_one_are_refused(installed: Installed, more: tuple[str, ...]) -> None:
    arguments = (str(installed.sandbox), *more) if more else ("", "")
    assert installed.refuses(*arguments) == "headway-run: usage: headway-run DIRECTORY\n"


def test_a_sandbox_may_lie_deeper_if_all_above_is_the_servers(installed: Installed) -> None:
    deeper = installed.sandbox / "deeper"
    deeper.mkdir()
    installed.give(deeper, SERVER, 0o755)
    for name in ("script", "digest"):
        installed.put(name, (installed.sandbox / name).read_bytes(), sandbox=deeper)
    assert installed.run(str(deeper)).returncode == 0


def test_a_sandbox_below_one_of_the_users_is_refused(installed: Installed) -> None:
    deeper = installed.sandbox / "deeper"
    deeper.mkdir()
    installed.give(deeper, SERVER, 0o755)
    for name in ("script", "digest"):
        installed.put(name, (installed.sandbox / name).read_bytes(), sandbox=deeper)
    installed.give(installed.sandbox, USER, 0o755)
    installed.refuses(str(deeper))


@pytest.mark.parametrize("closed", ["0<&-", "1>&-", "2>&-", "0<&- 1>&- 2>&-"])
def test_a_stream_that_is_closed_becomes_no_file_of_ours(installed: Installed, closed: str) -> None:
    script = b"ls -l /proc/$$/fd >%s/script" % bytes(installed.ran_there)
    installed.put("script", script)
    installed.put("digest", program.digest_of(script, "games"))
    assert installed.run(before=f"exec {closed}").returncode == 0
    listed = (installed.ran_there / "script").read_text()
    assert str(installed.sandbox) not in listed
    assert str(installed.configuration) not in listed


@pytest.mark.parametrize("closed", ["0<&-", "1>&-", "0<&- 1>&-"])
def test_a_refusal_is_said_when_streams_are_closed(installed: Installed, closed: str) -> None:
    installed.refuses("/elsewhere", before=f"exec {closed}")


def test_files_of_the_caller_are_not_passed_on(installed: Installed) -> None:
    script = b"ls /proc/$$/fd"
    installed.put("script", script)
    installed.put("digest", program.digest_of(script, "games"))
    done = installed.run(before="exec 7</etc/hostname 9</etc/passwd", close_fds=False)
    assert done.stdout.split() == [b"0", b"1", b"2"]


def test_nothing_of_the_callers_environment_reaches_the_program_or_the_script(
    installed: Installed,
) -> None:
    evil = installed.place / "evil.py"
    evil.write_text(f"open('{installed.ran_there}/evil', 'w')\n")
    for name in ("sitecustomize.py", "usercustomize.py", "hashlib.py", "os.py"):
        (installed.place / name).write_text(evil.read_text())
    script = b"env"
    installed.put("script", script)
    installed.put("digest", program.digest_of(script, "games"))
    hostile = {
        "PYTHONPATH": str(installed.place),
        "PYTHONSTARTUP": str(evil),
        "PYTHONHOME": str(installed.place),
        "PYTHONINSPECT": "1",
        "BASH_ENV": str(evil),
        "ENV": str(evil),
        "IFS": "/",
        "PS4": "$(touch evil)",
        "SHELLOPTS": "xtrace",
        "LANG": "$(evil)",
        "PATH": f"{installed.place}:/usr/bin:/bin",
    }
    done = installed.run(environment=hostile)
    assert not installed.ran
    told = dict(line.split("=", 1) for line in done.stdout.decode().splitlines())
    assert told.pop("PWD") == "/"
    told.pop("_", None)
    assert told == {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": "/usr/games",
        "USER": "games",
        "LOGNAME": "games",
        "SHELL": USER.pw_shell,
        "LANG": "C.UTF-8",
    }


def test_signals_mean_to_the_script_what_they_mean_to_every_program(installed: Installed) -> None:
    script = b"grep -E '^Sig(Ign|Blk)' /proc/self/status; umask; pwd"  # a shell blocks all while it starts
    installed.put("script", script)
    installed.put("digest", program.digest_of(script, "games"))
    done = installed.run(before="trap '' PIPE TERM INT; umask 0; cd /tmp")
    told = done.stdout.split()
    libcs_own = 0b11 << 31  # nobody can set these two, and make has all that it starts ignore them
    assert [int(word, 16) & ~libcs_own for word in told[1:4:2]] == [0, 0]
    assert told[4:] == [b"0077", b"/"]


def test_the_script_has_a_session_of_its_own(installed: Installed) -> None:
    script = b"cut -d' ' -f6 /proc/$$/stat; echo $$"
    installed.put("script", script)
    installed.put("digest", program.digest_of(script, "games"))
    session, own = installed.run().stdout.split()
    assert session == own


def test_who_leads_a_group_of_processes_already_may_start_it(installed: Installed) -> None:
    assert installed.run(process_group=0).returncode == 0


def test_what_is_run_is_what_was_compared_while_a_link_is_swapped(installed: Installed) -> None:
    """A server's own directory is swapped for a user's, as fast as that goes; the user's script is never run."""
    theirs = installed.place / "theirs"
    theirs.mkdir()
    installed.give(theirs, USER, 0o755)
    evil = f"touch {installed.ran_there}/evil\n".encode()
    for name, data in (("script", evil), ("digest", program.digest_of(evil, "games"))):
        installed.give(_written(theirs / name, data), USER, 0o644)
    swapped = installed.directory / "swapped"
    loop = (
        f"while :; do ln -sfn {theirs} {swapped}; rm -f {swapped};"
        f" mv {installed.sandbox} {swapped} && mv {swapped} {installed.sandbox}; done"
    )
    swapping = subprocess.Popen(["/bin/sh", "-c", loop], stderr=subprocess.DEVNULL)
    try:
        codes = {installed.run(str(swapped)).returncode for _ in range(12)}
    finally:
        swapping.kill()
        swapping.wait()
    assert codes <= {0, 4}
    assert not (installed.ran_there / "evil").exists()


def _written(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def test_what_is_run_is_what_was_compared_while_the_script_is_exchanged(
    installed: Installed,
) -> None:
    other = installed.place / "other"
    other.write_bytes(b"touch %s/evil\n" % bytes(installed.ran_there))
    installed.give(other, SERVER, 0o644)
    good, script = installed.place / "good", installed.sandbox / "script"
    good.write_bytes(installed.script)
    installed.give(good, SERVER, 0o644)
    loop = f"while :; do cp -p {other} {script}.n; mv -f {script}.n {script}; cp -p {good} {script}.n; mv -f {script}.n {script}; done"
    exchanging = subprocess.Popen(["/bin/sh", "-c", loop])
    try:
        codes = {installed.run().returncode for _ in range(12)}
    finally:
        exchanging.kill()
        exchanging.wait()
    assert codes <= {0, 4}
    assert not (installed.ran_there / "evil").exists()


@given(st.text(max_size=40))
def test_whatever_a_path_is_its_parts_lead_nowhere_else(path: str) -> None:
    try:
        parts = headway_run.parts_of(path)
    except headway_run.Refused:
        return
    assert "/" + "/".join(parts) == path == os.path.normpath(path)
    assert path.isascii()
    assert path.isprintable()
    assert not {"", ".", ".."} & set(parts)
    assert not any(part.startswith((".", "-")) for part in parts)


@given(st.lists(st.from_regex(r"[A-Za-z0-9_@+][A-Za-z0-9_@+.-]*", fullmatch=True), min_size=1))
def test_whatever_plain_names_a_path_has_it_is_taken(names: list[str]) -> None:
    assert headway_run.parts_of("/" + "/".join(names)) == names


@given(st.text())
def test_whatever_is_refused_is_said_in_one_plain_line(words: str) -> None:
    reading, writing = os.pipe()
    kept = os.dup(2)
    os.dup2(writing, 2)
    try:
        assert headway_run.refuse(words) == 4
    finally:
        os.dup2(kept, 2)
        for each in (kept, writing):
            os.close(each)
    said = os.read(reading, 4096)
    os.close(reading)
    assert said.endswith(b"\n")
    assert said[:-1].decode("ascii").isprintable()


@given(st.text())
def test_whatever_a_configuration_holds_it_is_read_or_refused(text: str) -> None:
    try:
        told = headway_run.settings_of(text)
    except headway_run.Refused:
        return
    assert set(told) <= {"server", "directory", "least_uid", "deny"}
