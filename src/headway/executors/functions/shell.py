"""A line for /bin/sh, run by a worker. Standard library only."""

import json
import os
import signal
import subprocess
from typing import Any, Final

from headway.executors.functions import raised

_SHOWN_BYTES: Final = 8 << 20  #: of each output in the result; the log has all
_KILL_S: Final = 2.0


def run(line: str, outputs: tuple[int, int] | None) -> tuple[dict[str, Any], bytes]:
    """Run a line; its result is ``[stdout, stderr, exit code]``, text in which bytes that are none are replaced.

    It has failed unless the code is 0, in the words of moi's system_call.

    Raises:
        JobCancelled: passed on, after the line's process was told to end.
    """
    if outputs is not None:
        return _run(line, *outputs)
    out, err = os.memfd_create("stdout"), os.memfd_create("stderr")
    try:
        return _run(line, out, err)
    finally:
        os.close(out)
        os.close(err)


def _run(line: str, out: int, err: int) -> tuple[dict[str, Any], bytes]:
    code = _code(line, out, err)
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


def _code(line: str, out: int, err: int) -> int:
    process = subprocess.Popen(  # noqa: S602 -- a line of shell is what the job is
        line, shell=True, stdin=subprocess.DEVNULL, stdout=out, stderr=err, executable="/bin/sh"
    )
    try:
        return process.wait()
    except BaseException:
        # Told to end: the line's processes are in our group and were told, too, and have this long before they are killed.
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(_KILL_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        raise


def _read(file: int) -> str:
    size = os.fstat(file).st_size
    text = os.pread(file, min(size, _SHOWN_BYTES), 0).decode("utf-8", "replace")
    if size > _SHOWN_BYTES:
        text += f"\n... ({size - _SHOWN_BYTES} more bytes are in its log)\n"
    return text
