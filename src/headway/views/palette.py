"""The colours by name, for a light and a dark ground; pages take their CSS variables from here too.

A *family* is what a bar's colour says; each has five colours: the bar itself, ``_on`` for text on it, ``_stripe`` for the
pattern in it, ``_tint`` for a bar without an end, ``_ink`` for words on the ground. All text has a contrast of 4.5 to 1
or more to what it stands on, and every bar 3 to 1 to its track (WCAG 2.2, 1.4.3 and 1.4.11). Green and red also differ
in lightness and blue, so that they stay apart for colour-blind eyes.
"""

from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from typing import Final


class Theme(StrEnum):
    """What the picture stands on. AUTO follows the reader's setting where the format can (SVG), else it is LIGHT."""

    LIGHT = "light"
    DARK = "dark"
    AUTO = "auto"


class Family(StrEnum):
    """What a bar's colour says."""

    OK = "ok"
    PROBLEM = "problem"
    STALLED = "stalled"
    RUNNING = "running"
    WARNING = "warning"

    @property
    def on(self) -> str:
        """Name the colour of text on it."""
        return f"{self.value}_on"

    @property
    def stripe(self) -> str:
        """Name the colour of the pattern in it."""
        return f"{self.value}_stripe"

    @property
    def tint(self) -> str:
        """Name the pale colour of a bar without an end."""
        return f"{self.value}_tint"

    @property
    def ink(self) -> str:
        """Name the colour of words that say the same on the ground."""
        return f"{self.value}_ink"


HEAT_STEPS: Final = 5  # shades between a worker at 0 % and one that is done

_LIGHT: Final[Mapping[str, str]] = {
    "paper": "#ffffff",
    "ink": "#1b2430",
    "muted": "#5b6675",
    "grid": "#d9dee5",
    "track": "#e8ecf1",
    "ok": "#0f7f5c",
    "ok_on": "#ffffff",
    "ok_stripe": "#56ab91",
    "ok_tint": "#bfe3d5",
    "ok_ink": "#0b6b4d",
    "problem": "#c02a1f",
    "problem_on": "#ffffff",
    "problem_stripe": "#e58f86",
    "problem_tint": "#f7cdc8",
    "problem_ink": "#a81d13",
    "stalled": "#6b7582",
    "stalled_on": "#ffffff",
    "stalled_stripe": "#a3abb5",
    "stalled_tint": "#cfd5dc",
    "stalled_ink": "#56606d",
    "running": "#2166c4",
    "running_on": "#ffffff",
    "running_stripe": "#79a5e0",
    "running_tint": "#c7dbf5",
    "running_ink": "#1a56a8",
    "warning": "#c2410c",
    "warning_on": "#ffffff",
    "warning_stripe": "#ea9b77",
    "warning_tint": "#fad5c2",
    "warning_ink": "#a93809",
}

_DARK: Final[Mapping[str, str]] = {
    "paper": "#0f141a",
    "ink": "#e7ecf2",
    "muted": "#9aa6b4",
    "grid": "#2c3541",
    "track": "#232b35",
    "ok": "#35b58a",
    "ok_on": "#04150f",
    "ok_stripe": "#1f7a5c",
    "ok_tint": "#1c4a3b",
    "ok_ink": "#4cc79d",
    "problem": "#f0695e",
    "problem_on": "#1d0503",
    "problem_stripe": "#a33c34",
    "problem_tint": "#5b2622",
    "problem_ink": "#ff8b81",
    "stalled": "#8f9aa8",
    "stalled_on": "#0b0f14",
    "stalled_stripe": "#626c79",
    "stalled_tint": "#3a434f",
    "stalled_ink": "#a9b4c1",
    "running": "#5c9df2",
    "running_on": "#03101f",
    "running_stripe": "#3768a8",
    "running_tint": "#1e3c63",
    "running_ink": "#82b6fb",
    "warning": "#f2793e",
    "warning_on": "#1c0800",
    "warning_stripe": "#a84d20",
    "warning_tint": "#5a2b13",
    "warning_ink": "#ff9a66",
}


@cache
def colours(theme: Theme) -> Mapping[str, str]:
    """Give every colour as ``#rrggbb`` by its name, the shades of heat included; AUTO gives LIGHT."""
    table = _DARK if theme is Theme.DARK else _LIGHT
    return dict(table) | {
        heat(family, step): mixed(table["track"], table[family], _heat_share(step))
        for family in (Family.OK, Family.RUNNING)
        for step in range(HEAT_STEPS)
    }


def heat(family: Family, step: int) -> str:
    """Name the shade of a worker under way: step 0 up to HEAT_STEPS - 1."""
    return f"{family.value}_heat{step}"


def mixed(ground: str, colour: str, share: float) -> str:
    """Give ``colour`` laid over ``ground`` with this share (0 to 1)."""
    pairs = zip(rgb(ground), rgb(colour), strict=True)
    return "#" + "".join(f"{round(g + (c - g) * share):02x}" for g, c in pairs)


def rgb(colour: str) -> tuple[int, int, int]:
    """Read ``#rrggbb``."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _heat_share(step: int) -> float:
    return 0.16 + 0.64 * step / (HEAT_STEPS - 1)
