"""Grid Engine's own options, passed on from ``custom_attributes`` (``sge.l``, ``sge.pe``). Pure.

qsub's options are followed by their values as words of their own, so a value must never be taken for an option, nor an option
for the value of the one before it.
"""

import re
from collections.abc import Mapping
from typing import Final

from headway.core.errors import InvalidRequest

FIELD: Final = "attributes.custom_attributes"
_OPTION: Final = re.compile(r"[A-Za-z][A-Za-z_]*")
_NUMBER: Final = re.compile(r"-?[0-9]+")
#: What Headway says itself, and what would have qsub do something else than submit our script and come back with an id.
_OURS: Final[Mapping[str, str]] = {
    "N": "the job's name",
    "o": "where the scheduler's own words go",
    "e": "where the scheduler's own words go",
    "j": "where the scheduler's own words go",
    "i": "the job's input (stdin_path)",
    "wd": "the directory",
    "cwd": "the directory",
    "t": "an array's elements",
    "tc": "how many elements run at once",
    "terse": "how qsub answers",
    "sync": "how qsub answers",
    "now": "how qsub answers",
    "verify": "how qsub answers",
    "help": "how qsub answers",
    "b": "the script",
    "S": "the script",
    "C": "the script",
    "shell": "the script",
    "pty": "the script",
    "inherit": "the script",
}
#: Options without a value.
_FLAGS: Final = frozenset({"V", "h", "hard", "soft", "notify", "clear", "nostdin", "rollback"})
#: Of these the value may be left out, or begin with a minus.
_MAY_LACK: Final = frozenset({"h"})
_MAY_BE_NEGATIVE: Final = frozenset({"p", "js"})
#: How many words follow, where it is not one.
_WORDS: Final[Mapping[str, tuple[int, int]]] = {"pe": (2, 2), "binding": (1, 2), "masterl": (1, 1)}


def native_options(native: Mapping[str, str]) -> list[str]:
    """Give the options as words of argv.

    Raises:
        InvalidRequest: an option is not to be given so, or its value is missing or could be taken for an option.
    """
    words = [word for name, value in native.items() for word in _option(name, value)]
    # -soft holds for all requests after it, and ours are none that may be passed over.
    return [*words, "-hard"] if "-soft" in words else words


def check_value(value: str, *, field: str, what: str) -> str:
    """Give a value that can be a word of qsub's.

    Raises:
        InvalidRequest: it is empty, holds a control character, or would be taken for an option.
    """
    if not value.strip() or not all(c.isprintable() for c in value):
        raise InvalidRequest(
            f"{field}: {value!r} cannot be {what}: it is empty, or holds characters that cannot be passed on",
            field=field,
        )
    if value.startswith("-"):
        raise InvalidRequest(
            f"{field}: {value!r} cannot be {what}: qsub would take it for an option", field=field
        )
    return value


def _option(name: str, value: str) -> list[str]:
    if _OPTION.fullmatch(name) is None:
        raise InvalidRequest(
            f"{FIELD}: sge.{name} names no option of qsub's; give the option without its dash",
            field=FIELD,
        )
    if name in _OURS:
        raise InvalidRequest(
            f"{FIELD}: sge.{name} cannot be given: it says {_OURS[name]}, which Headway says itself",
            field=f"{FIELD}.sge.{name}",
        )
    if value == "" and name in _FLAGS:
        return [f"-{name}"]
    if name in _FLAGS - _MAY_LACK:
        raise InvalidRequest(
            f"{FIELD}: sge.{name} is an option without a value; leave the value empty", field=FIELD
        )
    if value == "":
        raise InvalidRequest(f"{FIELD}: sge.{name} needs a value", field=FIELD)
    if name == "w" and value.strip() in {"v", "p"}:
        raise InvalidRequest(
            f"{FIELD}: sge.w cannot be {value.strip()}: qsub would submit nothing", field=FIELD
        )
    if name in _MAY_BE_NEGATIVE and _NUMBER.fullmatch(value):
        return [f"-{name}", value]
    return [f"-{name}", *_values(name, value)]


def _values(name: str, value: str) -> list[str]:
    if name not in _WORDS:
        return [check_value(value, field=FIELD, what=f"the value of sge.{name}")]
    least, most = _WORDS[name]
    words = value.split()
    if not least <= len(words) <= most:
        raise InvalidRequest(
            f"{FIELD}: sge.{name} takes {most} words, such as 'smp 4', not {value!r}", field=FIELD
        )
    return [check_value(word, field=FIELD, what=f"a word of sge.{name}") for word in words]
