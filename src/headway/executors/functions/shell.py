"""A line for /bin/sh, run by a worker. Standard library only."""

import json
import os
import subprocess
from collections.abc import Callable
from typing import Any, Final

from headway.executors.functions import raised

_SHOWN_BYTES: Final = 8 << 20  #: of each output in the result; the log has all


def run(
    line: str, outputs: tuple[int, int] | None, instead: Callable[[Callable[[], None]], None]
) -> tuple[dict[str, Any], bytes]:
    """Run a line; its result is ``[stdout, stderr, exit code]``, text in which bytes that are none are replaced.

    It has failed unless the code is 0, in the words of moi's system_call. When it is told to end, its end is waited for.

    Args:
        line: for /bin/sh.
        outputs: files for its output, where it is in a group that is signalled as a whole; None where neither is so.
        instead: is told what ends it.
    """
    # Before it begins: it may write, and be told to end for that, sooner than we hear that it has begun.
    instead(_nothing)
    if outputs is not None:
        return _run(line, outputs, lambda _: None)
    files = os.memfd_create("stdout"), os.memfd_create("stderr")
    try:
        return _run(line, files, lambda process: instead(process.terminate))
    finally:
        for file in files:
            os.close(file)


def _run(
    line: str, outputs: tuple[int, int], watch: Callable[["subprocess.Popen[bytes]"], None]
) -> tuple[dict[str, Any], bytes]:
    out, err = outputs
    process = subprocess.Popen(  # noqa: S602 -- a line of shell is what the job is
        line, shell=True, stdin=subprocess.DEVNULL, stdout=out, stderr=err, executable="/bin/sh"
    )
    watch(process)
    code = process.wait()
    stdout, stderr = _read(out), _read(err)
    data = json.dumps([stdout, stderr, code], ensure_ascii=False).encode()
    kept = {"media_type": "application/json", "type": "list"}
    if code == 0:
        return {"state": "succeeded", "exit_code": 0, **kept}, data
    words = f"Failed to execute: {raised.clean(line)}\nstdout: {stdout}\nstderr: {stderr}"
    message = raised.clean(words)
    said = {"type": "ValueError", "message": message, "traceback": [f"ValueError: {message}\n"]}
    how: dict[str, Any] = {"reason": "nonzero_exit", "exit_code": code}
    if code < 0:
        how = {"reason": "signal", "signal": -code}
    return {"state": "failed", "message": message, "error": said, **how, **kept}, data


def _nothing() -> None:
    """Do nothing: the line's processes have been told, too."""


def _read(file: int) -> str:
    size = os.fstat(file).st_size
    text = os.pread(file, min(size, _SHOWN_BYTES), 0).decode("utf-8", "replace")
    if size > _SHOWN_BYTES:
        text += f"\n... ({size - _SHOWN_BYTES} more bytes are in its log)\n"
    return text
