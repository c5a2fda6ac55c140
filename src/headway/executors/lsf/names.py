"""Our mark on LSF's jobs, and job names that LSF takes. Pure.

IBM's LSF keeps a description of each job (``bsub -Jd``, up to 4,094 characters): the mark is the description there, and the name is
the user's. The classic commands know no description, so the mark is the first part of the name there, and what is left of the
user's name follows it: ``hw-0190….1__my_simulation``.
"""

import re
from typing import Final

from headway.executors.batch.values import cleaned

#: LSF counts an array's elements from 1, Headway from 0.
FIRST_INDEX: Final = 1
_PREFIX: Final = "hw-"
_BETWEEN: Final = "__"
#: What a job array's name may hold, after IBM's documentation; blanks would shift the columns of ``bjobs -w``.
_ALLOWED: Final = "A-Za-z0-9._-"
#: The name and the index list of an array have 255 characters together.
_LONGEST: Final = 120
_OTHERS: Final = re.compile(r"[^A-Za-z0-9.-]")


def mark_of(tag: str) -> str:
    """Give the mark of a tag: itself behind ``hw-``, with what no name may hold as ``_hex-``."""
    return _PREFIX + _OTHERS.sub(lambda found: f"_{ord(found[0]):x}-", tag)


def described_mark(description: str) -> str:
    """Read the mark back from a description; whatever else stands there as it is."""
    return description if description.startswith(_PREFIX) else ""


def job_name(name: str) -> str:
    """Clean a name. It is never empty, and never begins with what the shell of an administrator would stumble over."""
    return cleaned(name, allowed=_ALLOWED, longest=_LONGEST).lstrip("-.") or "job"


def marked_name(mark: str, name: str) -> str:
    """Give the name of a job that has no description."""
    return f"{mark}{_BETWEEN}{job_name(name)}"


def named_mark(name: str) -> tuple[str, str]:
    """Read the mark and the user's part from a name; a job that is not ours has no mark."""
    if not name.startswith(_PREFIX):
        return "", name
    mark, between, rest = name.partition(_BETWEEN)
    return (mark, rest) if between else ("", name)
