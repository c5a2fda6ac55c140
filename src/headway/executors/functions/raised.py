"""What a function raised, in words: true, readable, and never itself a reason to fail. Standard library only: workers have it."""

import itertools
import traceback
from typing import Any, Final

_MESSAGE_CHARACTERS: Final = 10_000
_TRACEBACK_CHARACTERS: Final = 60_000
_OWN: Final = "/headway/executors/functions/"
_LARGEST_CODE: Final = 255
_ENDINGS: Final[dict[str, dict[str, Any]]] = {
    "cancel": {"state": "cancelled", "reason": "by_user"},
    "limit": {
        "state": "failed",
        "reason": "timeout",
        "message": "its wall-time limit passed, and it was ended",
    },
}


def cut(cause: str) -> dict[str, Any]:
    """Give the end of a function that was told to end, and did."""
    if cause in _ENDINGS:
        return dict(_ENDINGS[cause])
    words = f"its worker was sent signal {cause} by somebody else"
    return {"state": "failed", "reason": "signal", "signal": int(cause), "message": words}


def not_started(message: str) -> dict[str, Any]:
    """Give the end of one that could not begin."""
    return {"state": "failed", "reason": "not_started", "message": message}


def outcome(error: BaseException) -> dict[str, Any]:
    """Give the end of a function that raised; ``sys.exit`` ends it as it ends a program."""
    if isinstance(error, SystemExit):
        return _after_exit(error)
    said = described(error)
    return {
        "state": "failed",
        "reason": "exception",
        "message": f"{said['type']}: {said['message']}",
        "error": said,
    }


def described(error: BaseException) -> dict[str, Any]:
    """Give type, message and traceback of an exception, whatever its own methods do."""
    return {
        "type": clean(type.__dict__["__name__"].__get__(type(error))),
        "message": _message(error),
        "traceback": _lines(error),
    }


def clean(text: str, most: int = _MESSAGE_CHARACTERS) -> str:
    """Give text as UTF-8 can say it, and not too long."""
    cut_off = text if len(text) <= most else f"{text[:most]} ... ({len(text) - most} more)"
    return str.encode(cut_off, "utf-8", "backslashreplace").decode()


def _after_exit(error: SystemExit) -> dict[str, Any]:
    code = error.code
    if code is None or code == 0:
        return {"state": "succeeded", "exit_code": 0, "media_type": "application/json"}
    number = code if isinstance(code, int) and 0 < code <= _LARGEST_CODE else 1
    said = described(error)
    words = f"it called sys.exit({said['message']})"
    return {
        "state": "failed",
        "reason": "nonzero_exit",
        "exit_code": int(number),
        "message": words,
        "error": said,
    }


def _message(error: BaseException) -> str:
    try:
        return clean(str(error))
    except BaseException as another:  # noqa: BLE001 -- its __str__ is the job's
        name = type.__dict__["__name__"].__get__(type(another))
        return clean(f"(its text cannot be told: __str__ raised {name})")


def _lines(error: BaseException) -> list[str]:
    try:
        told = traceback.TracebackException.from_exception(error, compact=True)
        _leave_out_the_runner(told)
        lines = list(told.format())
    except BaseException:  # noqa: BLE001 -- what it prints of an exception is the job's
        name = type.__dict__["__name__"].__get__(type(error))
        lines = [
            "Traceback (most recent call last):\n",
            *_frames(error),
            f"{name}: {_message(error)}\n",
        ]
    return _shortened([clean(str(line)) for line in lines])


def _frames(error: BaseException) -> list[str]:
    try:
        return _functions_own(traceback.extract_tb(error.__traceback__)).format()
    except BaseException:  # noqa: BLE001
        return []


def _leave_out_the_runner(told: traceback.TracebackException) -> None:
    """Leave out the runner's frames before the function's own, in whatever led to it and is told with it too."""
    waiting: list[traceback.TracebackException | None] = [told]
    while waiting:
        one = waiting.pop()
        if one is not None:
            one.stack = _functions_own(one.stack)
            waiting += [one.__cause__, one.__context__, *(one.exceptions or ())]


def _functions_own(stack: traceback.StackSummary) -> traceback.StackSummary:
    own = itertools.dropwhile(lambda frame: _OWN in frame.filename, stack)
    return traceback.StackSummary.from_list(list(own))


def _shortened(lines: list[str]) -> list[str]:
    """Leave out the middle of what is too long."""
    most = _TRACEBACK_CHARACTERS // 2
    if sum(map(len, lines)) <= _TRACEBACK_CHARACTERS:
        return lines
    first, last = _within(lines, most), _within(lines[::-1], most)[::-1]
    left_out = len(lines) - len(first) - len(last)
    return [*first, f"  ... ({left_out} more)\n", *last]


def _within(lines: list[str], most: int) -> list[str]:
    kept: list[str] = []
    for line in lines:
        most -= len(line)
        if most < 0:
            break
        kept.append(line)
    return kept
