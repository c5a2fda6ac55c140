"""Where the doubles are, as a cluster's settings name programs."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

_HERE: Final = Path(__file__).parent
#: What makes LSF's doubles speak the classic words; without it they speak IBM's.
CLASSIC: Final[Mapping[str, str]] = {"DOUBLE_LSF": "classic"}


def double_programs(scheduler: str) -> dict[str, str]:
    """Give the paths of a scheduler's doubles by their names: of ``lsf`` or ``pbs``."""
    return {each.name: str(each) for each in (_HERE / scheduler).iterdir() if each.is_file()}
