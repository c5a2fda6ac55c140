#!/usr/bin/python3 -IS
# One file, Python 3.6 and newer, standard library only: root installs it, by itself, outside of any environment.
"""Runs one script as the user that sudo made of us, if a Headway server has written it for that user; nothing else ever.

    sudo -n -u USER -- /usr/local/libexec/headway-run DIRECTORY

The server has a user of its own, who may use sudo for this program only. What it may have done with it is said in
``/etc/headway-run.conf``, which only root can write::

    server = headway
    directory = /var/lib/headway/run-as
    least_uid = 1000
    deny = slurm munge

``server`` is the server's user. DIRECTORY is below ``directory``; it and all from there on belongs to the server's user, and
nobody else can write to it. Nothing is run as root, as the server's user, as users with numbers below ``least_uid`` (1000 when it
is not said), or as those in ``deny``.

In DIRECTORY are ``script`` and ``digest``, plain files of the server's own. ``digest`` holds the SHA-256 of the script in
hexadecimal, a blank, the name of the user that it is for, and a newline. What is run is what was read and compared, not the
file: nobody can exchange it in between. A script is no place for secrets: while it runs its text can be seen by all users.

Exit code 4, and one line on standard error, for everything that is refused; then nothing was run. Else the script's own.
"""

import hashlib
import os
import pwd
import signal
import stat
import sys

CONFIGURATION = "/etc/headway-run.conf"
REFUSED = 4
MOST_BYTES = 65536
MOST_PATH_CHARACTERS = 4096
LEAST_UID = 1000

_FILE = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY
_DIRECTORY = os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC | os.O_NOFOLLOW
_OTHERS_MAY_WRITE = stat.S_IWGRP | stat.S_IWOTH
_PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_@+.-")
_NEVER_FIRST = (".", "-")
MOST_NAME_CHARACTERS = 255
_KNOWN = ("server", "directory", "least_uid", "deny")


class Refused(Exception):
    """Nothing is run, and why."""


class Allowed:
    """What root allows."""

    def __init__(self, values: "dict[str, str]") -> None:
        """Take what the configuration says; it may say nothing that is not known, and nothing twice."""
        self.server = _uid_of(values.get("server", ""))
        if self.server == 0:
            raise Refused("the configuration's server must be a user of its own, not root")
        self.directory = parts_of(values.get("directory", ""))
        least = values.get("least_uid", str(LEAST_UID))
        if not (least.isdigit() and len(least) < 10 and int(least) > 0):
            raise Refused("the configuration's least_uid must be a number above 0")
        self.least_uid = int(least)
        # One that is not there now may be there tomorrow, with whatever number.
        self.denied = frozenset(values.get("deny", "").replace(",", " ").split())


def _uid_of(name: str) -> int:
    try:
        return pwd.getpwnam(name).pw_uid
    except KeyError:
        raise Refused("the configuration's server %r is no user of this machine" % name)


def is_plain(name: str) -> bool:
    """Tell whether a name means itself everywhere: in a path, to a shell, in a line of words."""
    return (
        0 < len(name) <= MOST_NAME_CHARACTERS
        and _PLAIN.issuperset(name)
        and not name.startswith(_NEVER_FIRST)
    )


def parts_of(path: str) -> "list[str]":
    """Divide an absolute path into plain names: nothing in it leads elsewhere, or could be read in two ways."""
    if len(path) > MOST_PATH_CHARACTERS or not path.startswith("/"):
        raise Refused("a directory must be an absolute path of at most 4096 characters")
    parts = path[1:].split("/")
    if not all(map(is_plain, parts)):
        raise Refused(
            "a directory's path must be made of names of letters, digits and _@+.-, without . or .. or // or a / at its end"
        )
    return parts


def settings_of(text: str) -> "dict[str, str]":
    """Read lines ``name = value``; what follows a # is for people."""
    values: "dict[str, str]" = {}
    for line in text.split("\n"):
        name, equals, value = line.partition("#")[0].partition("=")
        name, value = name.strip(), value.strip()
        if not equals and not name:
            continue
        if not equals or name not in _KNOWN or name in values or not value:
            raise Refused("the configuration has a line that cannot be used: %r" % line[:80])
        values[name] = value
    return values


def read_configuration(path: str) -> Allowed:
    """Read what root allows."""
    with _Closing(_opened(path, None)) as file:
        status = os.fstat(file)
        if status.st_uid != 0 or status.st_mode & _OTHERS_MAY_WRITE:
            raise Refused("%s must belong to root, and nobody else may write to it" % path)
        text = _content(file, path)
    try:
        return Allowed(settings_of(text.decode("ascii")))
    except UnicodeDecodeError:
        raise Refused("%s holds a byte that is no ASCII" % path)


def check_user(allowed: Allowed) -> pwd.struct_passwd:
    """Refuse to be anybody but one whole user whom root allows, made by the server through sudo; gives the user's record."""
    uids, gids = set(os.getresuid()), set(os.getresgid())
    if 0 in uids or 0 in gids:
        raise Refused("nothing is run as root, or with root's group")
    if len(uids) != 1 or len(gids) != 1:
        raise Refused("this is to be started by sudo, as one user with one group")
    if os.environ.get("SUDO_UID") != str(allowed.server):
        raise Refused("this is to be started through sudo, by the server's user")
    user = _record_of(uids.pop())
    if user.pw_uid == allowed.server or user.pw_uid < allowed.least_uid:
        raise Refused("nothing is run as %s" % user.pw_name)
    if user.pw_name in allowed.denied or not is_plain(user.pw_name):
        raise Refused("nothing is run as %s" % user.pw_name)
    if gids != {user.pw_gid}:
        raise Refused("the group is not that of %s" % user.pw_name)
    if not set(os.getgroups()) <= set(os.getgrouplist(user.pw_name, user.pw_gid)):
        raise Refused(
            "there are groups here that %s is not in; see preserve_groups of sudoers(5)"
            % user.pw_name
        )
    return user


def _record_of(uid: int) -> pwd.struct_passwd:
    try:
        user = pwd.getpwuid(uid)
        if pwd.getpwnam(user.pw_name).pw_uid == uid:
            return user
    except KeyError:
        pass
    raise Refused("there is no user with the number %d" % uid)


class _Closing:
    """Closes a descriptor."""

    def __init__(self, file: int) -> None:
        self.file = file

    def __enter__(self) -> int:
        return self.file

    def __exit__(self, *_: object) -> None:
        os.close(self.file)


def opened_directory(path: str, allowed: Allowed) -> int:
    """Open a directory of the server's, one name after the other, so that no name in between is looked up twice."""
    names = parts_of(path)
    above = len(allowed.directory)
    if len(names) <= above or names[:above] != allowed.directory:
        raise Refused("%s is not below the directory of the configuration" % path)
    place = os.open("/", _DIRECTORY)
    for depth, name in enumerate(names):
        inner = _entered(place, name, path)
        os.close(place)
        place = inner
        status = os.fstat(place)
        if depth >= above:
            _check_own(status, allowed, path)
        elif depth == above - 1:
            _check_trusted(status, allowed, path, sticky=False)
        else:
            _check_trusted(status, allowed, path, sticky=True)
    return place


def _entered(place: int, name: str, path: str) -> int:
    try:
        return os.open(name, _DIRECTORY, dir_fd=place)
    except OSError as error:
        raise Refused("%s cannot be entered at %s: %s" % (path, name, error.strerror))


def _check_own(status: os.stat_result, allowed: Allowed, what: str) -> None:
    if status.st_uid != allowed.server or status.st_mode & _OTHERS_MAY_WRITE:
        raise Refused("%s must belong to the server's user, and nobody else may write to it" % what)


def _check_trusted(status: os.stat_result, allowed: Allowed, what: str, *, sticky: bool) -> None:
    """Check that nobody but root and the server can exchange what is in a directory."""
    is_shared = status.st_mode & _OTHERS_MAY_WRITE
    if is_shared and sticky and status.st_uid == 0 and status.st_mode & stat.S_ISVTX:
        return  # as /tmp: what is entered next belongs to root or the server, and nobody else can take it away
    if status.st_uid not in (0, allowed.server) or is_shared:
        raise Refused("above %s is a directory that others can write to" % what)


def read_own(place: int, name: str, allowed: Allowed) -> bytes:
    """Read a plain file of the server's own that nobody else can have written."""
    with _Closing(_opened(name, place)) as file:
        status = os.fstat(file)
        if not stat.S_ISREG(status.st_mode) or status.st_nlink != 1:
            raise Refused("%s is no plain file with one name" % name)
        _check_own(status, allowed, name)
        return _content(file, name)


def _opened(name: str, place: "int | None") -> int:
    """Open a plain file; what is none is not even opened."""
    try:
        if not stat.S_ISREG(os.stat(name, dir_fd=place, follow_symlinks=False).st_mode):
            raise Refused("%s is no plain file" % name)
        return os.open(name, _FILE, dir_fd=place)
    except OSError as error:
        raise Refused("%s cannot be read: %s" % (name, error.strerror))


def _content(file: int, name: str) -> bytes:
    data = b""
    while len(data) <= MOST_BYTES:
        part = os.read(file, MOST_BYTES + 1)
        if not part:
            return data
        data += part
    raise Refused("%s has more than %d bytes" % (name, MOST_BYTES))


def checked_script(arguments: "list[str]", configuration: str) -> "tuple[bytes, pwd.struct_passwd]":
    """Give the script that is to be run, and whose it is; refuse everything else."""
    if len(arguments) != 1:
        raise Refused("usage: headway-run DIRECTORY")
    allowed = read_configuration(configuration)
    user = check_user(allowed)
    with _Closing(opened_directory(arguments[0], allowed)) as place:
        digest = read_own(place, "digest", allowed)
        script = read_own(place, "script", allowed)
    told = "%s %s\n" % (hashlib.sha256(script).hexdigest(), user.pw_name)
    if digest != told.encode():
        raise Refused("the digest is not that of this script for %s" % user.pw_name)
    if not script or b"\0" in script:
        raise Refused("the script is empty, or holds a NUL")
    return script, user


def environment_of(user: pwd.struct_passwd) -> "dict[str, str]":
    """Give the environment of a script: nothing of the server's but its language."""
    language = os.environ.get("LANG", "")
    return {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": user.pw_dir,
        "USER": user.pw_name,
        "LOGNAME": user.pw_name,
        "SHELL": user.pw_shell or "/bin/sh",
        "LANG": language if is_plain(language) else "C.UTF-8",
    }


def become(script: bytes, user: pwd.struct_passwd) -> int:
    """Become the script, with nothing of the server's but the three standard streams."""
    for name in os.listdir("/proc/self/fd"):
        if int(name) > 2:
            try:
                os.set_inheritable(int(name), False)
            except OSError:  # that of the listing itself is closed again
                continue
    if os.getpgrp() != os.getpid():  # who leads a group cannot leave its session
        os.setsid()
    for number in range(1, signal.NSIG):
        if number not in (signal.SIGKILL, signal.SIGSTOP):
            try:
                signal.signal(number, signal.SIG_DFL)
            except (OSError, ValueError):  # the C library's own
                continue
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    os.umask(0o077)
    os.chdir("/")
    os.execve("/bin/sh", [b"sh", b"-c", script, b"headway-run"], environment_of(user))


def refuse(words: object) -> int:
    """Say why nothing is run, in one line of what every terminal shows."""
    line = "headway-run: %s" % words
    shown = "".join(c if 32 <= ord(c) < 127 else "?" for c in line[:1000])
    try:
        os.write(2, shown.encode("ascii") + b"\n")
    except OSError:  # there is nobody to be told
        return REFUSED
    return REFUSED


def main(arguments: "list[str]", configuration: str = CONFIGURATION) -> int:
    """Check and run; gives the exit code of a refusal."""
    try:
        # A stream that is closed would be the next file that is opened.
        while os.open("/dev/null", os.O_RDWR) <= 2:
            pass
        return become(*checked_script(arguments, configuration))
    except Refused as error:
        return refuse(error)
    except Exception as error:  # whatever it is, nothing was run
        return refuse("%s: %s" % (type(error).__name__, error))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
