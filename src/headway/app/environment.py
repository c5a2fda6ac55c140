"""The one place that reads the process's environment and its user."""

import os
import pwd
from collections.abc import Mapping


def environment() -> Mapping[str, str]:
    """Give a copy of the environment as it is now."""
    return dict(os.environ)  # noqa: TID251 -- this is the one place


def own_user() -> str:
    """Give the name of the user who runs this process; its number when it has no name."""
    number = os.geteuid()
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)
