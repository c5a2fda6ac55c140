"""The caller's environment."""

import os
from collections.abc import Mapping


def environment() -> Mapping[str, str]:
    """Give the environment: by it a user tells their clients of a server, and of what their terminal is."""
    return os.environ  # noqa: TID251 -- a client has no app to read it
