"""A picture as SVG: presentation attributes only, no script, no reference to anything outside.

Colours are attributes, so that a strict content security policy changes nothing. Only the theme AUTO needs a style
element, for ``prefers-color-scheme``; where that is forbidden the picture stays light.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Final

from headway.views.font import Face, Weight, is_covered, width_of
from headway.views.marks import CONTOURS, MARK_SIZE, Contour
from headway.views.palette import Family, Theme, colours
from headway.views.patterns import PITCH, STRIPES
from headway.views.picture import BAR_RADIUS, Anchor, Bar, Box, Mark, Pattern, Picture, Text

_FONTS: Final = "Roboto, 'Helvetica Neue', Helvetica, Arial, 'DejaVu Sans', sans-serif"
_WEIGHTS: Final[Mapping[Weight, str]] = {Weight.REGULAR: "400", Weight.MEDIUM: "600"}


def svg(picture: Picture) -> str:
    """Draw the picture as one SVG document; the same picture gives the same text."""
    inks = _Inks(picture.theme)
    width, height = picture.width, picture.height
    opening = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" role="img" aria-label="{_escaped(picture.alt)}">'
    )
    parts = [
        opening,
        f"<title>{_escaped(picture.title)}</title>",
        inks.style(),
        _definitions(picture, inks),
        f'<path {inks.of("paper")} d="M0 0h{width}v{height}H0z"/>',
        *_boxes(picture.boxes, inks),
        *_bars(picture.bars, inks),
        *_boxes(picture.plates, inks),
        *_marks(picture.marks, inks),
        *_texts(picture.texts, inks),
        "</svg>\n",
    ]
    return "".join(parts)


class _Inks:
    """Colours as attributes."""

    def __init__(self, theme: Theme) -> None:
        self._auto = theme is Theme.AUTO
        self._light = colours(theme)

    def of(self, role: str) -> str:
        """Give the attributes that fill with a colour."""
        fill = f'fill="{self._light[role]}"'
        return f'class="hw-{role}" {fill}' if self._auto else fill

    def style(self) -> str:
        if not self._auto:
            return ""
        rules = "".join(f".hw-{role}{{fill:{code}}}" for role, code in colours(Theme.DARK).items())
        return f"<style>@media (prefers-color-scheme:dark){{{rules}}}</style>"


def _definitions(picture: Picture, inks: _Inks) -> str:
    kinds = dict.fromkeys(mark.kind for mark in picture.marks)
    parts = [
        f'<path id="hw-{kind.value}" fill-rule="evenodd" d="{_outline(CONTOURS[kind])}"/>'
        for kind in kinds
    ]
    used = dict.fromkeys(
        (bar.role, bar.pattern) for bar in picture.bars if bar.pattern is not Pattern.PLAIN
    )
    for role, pattern in used:
        family = Family(role)
        ground, stripe = STRIPES[pattern].roles(family)
        parts.append(
            f'<pattern id="hw-{pattern.value}-{role}" width="{PITCH}" height="{PITCH}" '
            f'patternUnits="userSpaceOnUse"><path {inks.of(ground)} d="M0 0h{PITCH}v{PITCH}H0z"/>'
            f'<path {inks.of(stripe)} d="{_outline(STRIPES[pattern].contours)}"/></pattern>'
        )
    return f"<defs>{''.join(parts)}</defs>" if parts else ""


def _boxes(boxes: Iterable[Box], inks: _Inks) -> list[str]:
    by_role: dict[str, list[str]] = {}
    for box in boxes:
        outline = f"M{box.x} {box.y}h{box.w}v{box.h}h-{box.w}z"
        by_role.setdefault(box.role, []).append(outline)
    return [f'<path {inks.of(role)} d="{"".join(d)}"/>' for role, d in by_role.items()]


def _bars(bars: Sequence[Bar], inks: _Inks) -> list[str]:
    if not bars:
        return []
    tracks: list[str] = []
    fills: dict[tuple[str, Pattern], list[str]] = {}
    for bar in bars:
        tracks.append(_bar(bar, bar.w))
        if bar.filled > 0:
            fills.setdefault((bar.role, bar.pattern), []).append(_bar(bar, bar.filled))
    parts = [f'<path {inks.of("track")} d="{"".join(tracks)}"/>']
    for (role, pattern), d in fills.items():
        plain = pattern is Pattern.PLAIN
        fill = inks.of(role) if plain else f'fill="url(#hw-{pattern.value}-{role})"'
        parts.append(f'<path {fill} d="{"".join(d)}"/>')
    return parts


def _bar(bar: Bar, length: int) -> str:
    r = BAR_RADIUS
    tall = bar.h - 2 * r
    start = f"M{bar.x + r} {bar.y}"
    if length == bar.w:
        wide = bar.w - 2 * r
        side = f"h{wide}a{r} {r} 0 0 1 {r} {r}v{tall}a{r} {r} 0 0 1-{r} {r}h-{wide}"
    elif length > r:
        side = f"h{length - r}v{bar.h}h-{length - r}"
    else:
        side = f"v{bar.h}"  # as good as nothing: the round corners alone
    return f"{start}{side}a{r} {r} 0 0 1-{r}-{r}v-{tall}a{r} {r} 0 0 1 {r}-{r}z"


def _marks(marks: Iterable[Mark], inks: _Inks) -> list[str]:
    by_role: dict[str, list[str]] = {}
    for mark in marks:
        scale = mark.size / MARK_SIZE
        place = f'href="#hw-{mark.kind.value}" transform="translate({mark.x} {mark.y})'
        if scale != 1:
            place += f" scale({scale:g})"
        by_role.setdefault(mark.role, []).append(f'<use {place}"/>')
    return [f"<g {inks.of(role)}>{''.join(uses)}</g>" for role, uses in by_role.items()]


def _texts(texts: Iterable[Text], inks: _Inks) -> list[str]:
    groups: dict[tuple[Face, str, Anchor], list[str]] = {}
    for text in texts:
        element = f'<text x="{text.x}" y="{text.y}"{_rest(text.text, text.face)}'
        groups.setdefault((text.face, text.role, text.anchor), []).append(element)
    if not groups:
        return []
    parts = [f'<g font-family="{_FONTS}">']
    for (face, role, anchor), elements in groups.items():
        at_end = ' text-anchor="end"' if anchor is Anchor.END else ""
        weight = _WEIGHTS[face.weight]
        parts.append(
            f'<g {inks.of(role)} font-size="{face.size:g}" font-weight="{weight}"{at_end}>'
        )
        parts.extend(elements)
        parts.append("</g>")
    parts.append("</g>")
    return parts


@lru_cache(maxsize=4096)
def _rest(text: str, face: Face) -> str:
    """Give a text element from behind its place on.

    Its length is fixed where all of it is in the font that it was measured with, so that another font keeps to the layout.
    """
    held = ""
    if len(text) > 1 and is_covered(text, face.weight):
        held = f' textLength="{width_of(text, face):.1f}" lengthAdjust="spacingAndGlyphs"'
    return f"{held}>{_escaped(text)}</text>"


def _outline(contours: Sequence[Contour]) -> str:
    return "".join("M" + "L".join(f"{x:g} {y:g}" for x, y in contour) + "z" for contour in contours)


def _escaped(text: str) -> str:
    """Escape clean text for an element or an attribute in double quotes."""
    if "&" in text or "<" in text or ">" in text or '"' in text:
        text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        return text.replace('"', "&quot;")
    return text
