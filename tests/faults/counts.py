"""How much a fault test does, and which dice it throws.

``HEADWAY_SOAK=1`` asks for the full counts; ``HEADWAY_SEED=N`` repeats a run's choices (the instants are the machine's own).
"""

import os
import random
from typing import Final

CI_PART: Final = 20  #: the full counts are so many times those of a usual run


def is_soak() -> bool:
    """Tell whether the full counts are asked for."""
    return os.environ.get("HEADWAY_SOAK") == "1"  # noqa: TID251 -- a test's own


def rounds(full: int) -> int:
    """Give how many rounds to do: all of them when soaking, else a part, and at least one."""
    return full if is_soak() else max(1, full // CI_PART)


def chosen_seed() -> int:
    """Give the seed of this run: as told, or chosen at the first call for all processes that it starts."""
    own = str(int.from_bytes(os.urandom(4)))
    return int(os.environ.setdefault("HEADWAY_SEED", own))  # noqa: TID251 -- a test's own


def dice() -> random.Random:
    """Give the dice of this run, and print their seed, which pytest shows when the test fails."""
    print(f"HEADWAY_SEED={chosen_seed()}")  # noqa: T201 -- see above
    return random.Random(chosen_seed())
