r"""A job's name in Grid Engine: the user's own in front, our mark at the end. Pure.

Grid Engine has no comment that its listing tells, so the mark is part of the name. Names are ASCII (sge_types(5)), never
begin with a digit, have none of ``/:@\*?``, and 512 characters at most; qstat's XML garbles ``<`` besides.
"""

import hashlib
import re
import unicodedata
import uuid
from typing import Final

_UUID: Final = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_OUR_TAG: Final = re.compile(rf"{_UUID}\.[1-9][0-9]{{0,8}}")
_MARK: Final = re.compile(rf"(?:^|\.)(hw\.{_UUID}\.[0-9]{{1,9}})\Z")
_REFUSED: Final = re.compile(r"[^A-Za-z0-9_.,;+=~^!%#()\[\]{}-]")
_FIRST: Final = re.compile(r"[A-Za-z_]")
_MOST_CHARACTERS: Final = (
    160  # of the user's own name; with the mark it is far below every Grid Engine's limit
)
#: What qacct is given to find every job that carries a mark.
PATTERN: Final = "*hw.????????-????-????-????-????????????.*"


def mark_of_tag(tag: str) -> str:
    """Give the end of the job's name: the tag itself, for people who look for it in qstat.

    What is no job's id and attempt becomes a digest in the same shape, of attempt 0, which no job has.
    """
    if _OUR_TAG.fullmatch(tag):
        return f"hw.{tag}"
    digest = hashlib.sha256(tag.encode("utf-8", "surrogatepass")).hexdigest()
    return f"hw.{uuid.UUID(digest[:32])}.0"


def job_name(name: str, mark: str) -> str:
    """Give what follows ``-N``: as much of the user's name as Grid Engine takes, and the mark."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    if not plain.strip() and name.strip():
        plain = "_"
    own = _REFUSED.sub("_", plain.strip())[:_MOST_CHARACTERS]
    if own and not _FIRST.match(own):
        own = f"_{own}"
    return f"{own}.{mark}" if own else mark


def mark_in(name: str) -> str:
    """Give the mark that a job's name ends with, empty where there is none."""
    found = _MARK.search(name)
    return found[1] if found else ""
