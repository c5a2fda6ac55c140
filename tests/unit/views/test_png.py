"""Pictures as PNG, compared with a browser-like rendering of their SVG twins."""

from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path

import pytest
import resvg_py
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageStat
from tests.properties import examples
from tests.unit.views.samples import AT, job, tally, worker, workers

import headway.views
from headway.views.bars import picture_of
from headway.views.looks import Style
from headway.views.message import message_picture
from headway.views.palette import Theme, colours, rgb
from headway.views.picture import Picture
from headway.views.png import png
from headway.views.svg import svg

FONTS = Path(headway.views.__file__).parent / "fonts"


def sample(count: int, *, style: Style = Style.HEALTH, theme: Theme = Theme.LIGHT) -> Picture:
    of = [*workers(count), worker("no total", 1234, None, desc="rows")]
    return picture_of(job(), of, tally(of), at=AT, style=style, theme=theme)


def opened(data: bytes) -> Image.Image:
    return Image.open(BytesIO(data))


def by_resvg(picture: Picture, *, zoom: float = 1) -> Image.Image:
    data = resvg_py.svg_to_bytes(
        svg_string=svg(picture),
        skip_system_fonts=True,
        font_files=[str(FONTS / f"Roboto-{weight}.ttf") for weight in ("Regular", "Medium")],
        zoom=zoom,
    )
    return opened(bytes(data)).convert("RGB")


def difference(one: Image.Image, other: Image.Image) -> float:
    """Give the mean difference of a pixel's colours, 0 to 255."""
    return sum(ImageStat.Stat(ImageChops.difference(one, other)).mean) / 3


@pytest.mark.parametrize("scale", [1, 2, 3])
def test_a_png_is_as_large_as_asked_for(scale: int) -> None:
    picture = sample(5)
    image = opened(png(picture, scale=scale))
    assert image.size == (picture.width * scale, picture.height * scale)
    assert (image.format, image.mode) == ("PNG", "P")


@pytest.mark.parametrize(("asked", "given"), [(0, 1), (99, 3)])
def test_the_scale_is_kept_within_reason(asked: int, given: int) -> None:
    picture = message_picture("Hello", "world")
    assert opened(png(picture, scale=asked)).width == picture.width * given


def test_the_same_picture_gives_the_same_bytes() -> None:
    assert png(sample(60)) == png(sample(60))


def test_threads_that_draw_at_once_do_not_disturb_each_other() -> None:
    pictures = [sample(count) for count in range(8)]
    alone = [png(picture) for picture in pictures]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(png, pictures * 8)) == alone * 8


@pytest.mark.parametrize("theme", list(Theme))
def test_the_ground_has_the_themes_colour(theme: Theme) -> None:
    image = opened(png(sample(3, theme=theme))).convert("RGB")
    assert image.getpixel((2, 2)) == rgb(colours(theme)["paper"])


def test_a_bar_is_filled_up_to_its_edge_and_no_further() -> None:
    picture = picture_of(job(), [worker(current=50)], tally([worker(current=50)]), at=AT)
    image = opened(png(picture)).convert("RGB")
    bar = picture.bars[1]
    edge, middle = bar.x + bar.filled, bar.y + bar.h // 2
    assert image.getpixel((edge - 1, middle)) == rgb(colours(Theme.LIGHT)["ok"])
    assert image.getpixel((edge, middle)) == rgb(colours(Theme.LIGHT)["track"])


@pytest.mark.parametrize("style", list(Style))
@pytest.mark.parametrize("theme", [Theme.LIGHT, Theme.DARK])
@pytest.mark.parametrize("count", [0, 20, 60, 150, 450])
def test_png_and_svg_look_the_same(count: int, theme: Theme, style: Style) -> None:
    picture = sample(count, style=style, theme=theme)
    assert difference(opened(png(picture)).convert("RGB"), by_resvg(picture)) < 2.5


def test_png_and_svg_look_the_same_on_a_fine_screen() -> None:
    picture = sample(20)
    painted = opened(png(picture, scale=2)).convert("RGB")
    assert difference(painted, by_resvg(picture, zoom=2)) < 2.5


@pytest.mark.parametrize("theme", [Theme.LIGHT, Theme.DARK])
def test_the_area_of_every_bar_is_the_same_in_both(theme: Theme) -> None:
    picture = sample(20, theme=theme)
    painted, rendered = opened(png(picture)).convert("RGB"), by_resvg(picture)
    for bar in picture.bars:
        area = (bar.x, bar.y, bar.x + bar.w, bar.y + bar.h)
        assert difference(painted.crop(area), rendered.crop(area)) < 6


@settings(max_examples=examples(40), deadline=None)
@given(st.text(max_size=40), st.text(max_size=40))
def test_any_text_can_be_painted(label: str, desc: str) -> None:
    of = [worker(label, 60, desc=desc), worker(label + "2", ok=False, desc=desc)]
    picture = picture_of(job(desc), of, tally(of), at=AT)
    assert opened(png(picture)).getbbox() is not None


def test_a_character_that_the_font_lacks_is_a_visible_box() -> None:
    with_box = opened(png(message_picture("日", "")))
    without = opened(png(message_picture("", "")))
    assert ImageChops.difference(with_box.convert("L"), without.convert("L")).getbbox() is not None
