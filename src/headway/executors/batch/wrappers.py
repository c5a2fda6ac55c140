"""The wrapper's two files, in Python and in shell, and where they are on a cluster."""

import hashlib
from importlib.resources import files
from typing import Final

from headway.executors.batch.place import Places
from headway.executors.batch.script import Wrappers
from headway.executors.batch.transport import File

_NAMES: Final = ("wrapper.py", "wrapper.sh")
_DIGEST_DIGITS: Final = 12


def wrapper_files(places: Places) -> tuple[File, File]:
    """Give both, each under a name that its content has made: jobs that wait run the wrapper that they were given."""
    python, shell = (_file(places, name) for name in _NAMES)
    return python, shell


def wrappers_of(places: Places) -> Wrappers:
    """Give what batch scripts call them."""
    python, shell = wrapper_files(places)
    return Wrappers(python=python.path, shell=shell.path)


def _file(places: Places, name: str) -> File:
    data = files("headway.executors.batch").joinpath(name).read_bytes()
    digest = hashlib.sha256(data).hexdigest()[:_DIGEST_DIGITS]
    return File(path=places.wrapper(name[name.rindex(".") :], digest), data=data, mode=0o700)
