"""A line of shell as a function. It travels by value: workers need nothing of ours for it."""

import subprocess
from typing import Any


def system_call(cmd: str, **kwargs: Any) -> tuple[str, str, int]:  # noqa: ANN401, ARG001 -- as moi's
    """Run a line of shell; gives what it wrote to stdout and stderr, and its exit code.

    Raises:
        ValueError: the code is not 0.
    """
    done = subprocess.run(cmd, shell=True, capture_output=True, text=True, check=False)  # noqa: S602
    if done.returncode != 0:
        raise ValueError(f"Failed to execute: {cmd}\nstdout: {done.stdout}\nstderr: {done.stderr}")
    return done.stdout, done.stderr, done.returncode
