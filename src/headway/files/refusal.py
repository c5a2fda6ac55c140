"""What is said of files that are not brought or fetched."""

import errno
import os
from typing import Final

_MOST_SHOWN: Final = 300  #: characters of each end
_WORDS: Final = {
    errno.ENOENT: "there is no such file",
    errno.EXDEV: "it leads out of the directories that may be used",
    errno.ELOOP: "it is a link, or has one on its way that is not followed",
    errno.EACCES: "the server may not use it",
    errno.EPERM: "the server may not use it",
    errno.ENOSPC: "no space is left on the disk",
    errno.EDQUOT: "the disk quota is used up",
    errno.EISDIR: "a directory is in its place",
    errno.ENOTDIR: "something on its way is not a directory",
    errno.ENAMETOOLONG: "its name is too long",
}


class Refused(Exception):
    """Something cannot be brought or fetched; ``str(refused)`` names it and says why."""


class Stopped(Exception):
    """Whoever is told of the copying had it stop."""


def shown(path: str) -> str:
    """Write a path so that it can be shown in one line and nothing else, whatever its bytes are; of a long one both ends."""
    text = os.fsencode(path).decode("utf-8", "backslashreplace")
    if not text.isprintable():
        text = "".join(one if one.isprintable() else ascii(one)[1:-1] for one in text)
    if len(text) > 2 * _MOST_SHOWN:
        return f"{text[:_MOST_SHOWN]}…{text[-_MOST_SHOWN:]}"
    return text


def refused(path: str, why: str) -> Refused:
    """Say why an entry is refused."""
    return Refused(f"{shown(path)}: {why}")


def failed(path: str, error: OSError) -> Refused:
    """Say in words what the system, or one of our own, said of an entry."""
    number, why = error.errno or 0, error.strerror or str(error)
    return refused(path, _WORDS.get(number, why) if why == os.strerror(number) else why)
