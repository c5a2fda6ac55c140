"""Colours that can be told apart and read."""

import pytest

from headway.views.palette import Family, Theme, colours, mixed, rgb
from headway.views.stylesheet import stylesheet

THEMES = [Theme.LIGHT, Theme.DARK]
#: How colours look without one kind of cone, on linear light. Source: Machado, Oliveira, Fernandes 2009, severity 1.0.
DEFICIENCIES = {
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
}


def linear(colour: str) -> tuple[float, ...]:
    parts = (part / 255 for part in rgb(colour))
    return tuple(p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)


def contrast(one: str, other: str) -> float:
    """Give the contrast ratio of WCAG 2.2."""
    luminances = sorted(
        0.2126 * r + 0.7152 * g + 0.0722 * b for r, g, b in (linear(one), linear(other))
    )
    return (luminances[1] + 0.05) / (luminances[0] + 0.05)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("family", list(Family))
def test_text_on_a_bar_can_be_read(theme: Theme, family: Family) -> None:
    table = colours(theme)
    assert contrast(table[family.on], table[family]) >= 4.5
    assert contrast(table["ink"], table[family.tint]) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("ink", ["ink", "muted", *(family.ink for family in Family)])
def test_text_on_the_ground_can_be_read(theme: Theme, ink: str) -> None:
    assert contrast(colours(theme)[ink], colours(theme)["paper"]) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
def test_text_on_a_track_can_be_read(theme: Theme) -> None:
    assert contrast(colours(theme)["ink"], colours(theme)["track"]) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("family", list(Family))
def test_a_bar_stands_out_from_its_track(theme: Theme, family: Family) -> None:
    assert contrast(colours(theme)[family], colours(theme)["track"]) >= 3


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("deficiency", list(DEFICIENCIES))
@pytest.mark.parametrize("pair", [(Family.OK, Family.PROBLEM), (Family.RUNNING, Family.WARNING)])
def test_colour_blind_eyes_tell_good_from_bad(
    theme: Theme, deficiency: str, pair: tuple[Family, Family]
) -> None:
    seen = [
        [
            sum(m * c for m, c in zip(row, linear(colours(theme)[family]), strict=True))
            for row in matrix
        ]
        for family in pair
        for matrix in [DEFICIENCIES[deficiency]]
    ]
    assert max(abs(a - b) for a, b in zip(*seen, strict=True)) >= 0.06


def test_both_themes_have_the_same_names() -> None:
    assert colours(Theme.LIGHT).keys() == colours(Theme.DARK).keys()


def test_auto_is_light_where_a_format_cannot_ask() -> None:
    assert colours(Theme.AUTO) == colours(Theme.LIGHT)


def test_a_mixture_lies_between_its_colours() -> None:
    assert mixed("#000000", "#ff8000", 0.5) == "#804000"


def test_pages_get_every_colour_for_both_themes() -> None:
    css = stylesheet("p {}")
    assert f"--ok: {colours(Theme.LIGHT)['ok']};" in css
    assert f"--ok: {colours(Theme.DARK)['ok']};" in css
