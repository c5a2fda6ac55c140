"""What a picture of 100 and of 1,000 workers costs, beside what two limits cost in the same minute.

    python bench/pictures.py [FRAMES]

CPU milliseconds a picture, median of the frames, warm; from one frame to the next every worker moves and says something
new. "whole" is from the store's workers to the bytes, title and axis included. The limits draw the very same picture:
resvg from our SVG, and plain Pillow, which only pastes ready-made pieces and saves.
"""

import itertools
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import msgspec
import resvg_py
from PIL import Image

import headway.views
from headway.core.model.job import Job, Kind
from headway.core.model.names import JobId, WorkerId
from headway.core.model.state import State
from headway.core.model.worker import Tally, Worker
from headway.views.bars import picture_of
from headway.views.picture import Picture
from headway.views.png import png
from headway.views.svg import svg

BEGIN = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
FLOORS_MS = {100: 10, 1_000: 80}
GOALS_MS = {100: 4, 1_000: 40}
STEPS = 100_000
NUMBERS = itertools.count()
WARM_UP = 3
RESVG_FRAMES = 2
FONTS = Path(headway.views.__file__).parent / "fonts"
JOB = Job(
    id=JobId("019a0000-0000-7000-8000-000000000001"),
    number=17,
    kind=Kind.REPORT,
    protocol="progress",
    owner="kim",
    name="Beamformer calibration, campaign 3",
    state=State.RUNNING,
    created=BEGIN,
    started=BEGIN,
    updated=BEGIN,
)


class Frame(msgspec.Struct):
    """What the store would give at a time."""

    workers: list[Worker]
    tally: Tally
    at: datetime

    def picture(self) -> Picture:
        return picture_of(JOB, self.workers, self.tally, at=self.at)


def frame_of(count: int, number: int) -> Frame:
    at = BEGIN + timedelta(seconds=60 + number)
    workers = [worker_of(n, number, at) for n in range(count)]
    fractions = [worker.fraction or 0.0 for worker in workers]
    tally = Tally(
        workers=count,
        finished=sum(worker.finished for worker in workers),
        not_ok=sum(not worker.ok for worker in workers),
        progress=sum(fractions) / count,
        last=at,
    )
    return Frame(workers, tally, at)


def worker_of(n: int, number: int, at: datetime) -> Worker:
    current = min(STEPS, n * 2654435761 % STEPS + number * (30 + n % 50))
    return Worker(
        job=JOB.id,
        id=WorkerId(f"node{n}"),
        current=current,
        total=STEPS,
        ok=n % 17 != 5,
        desc=f"step {current}",
        first_seen=BEGIN,
        first_current=0,
        updated=at - timedelta(seconds=120 if n % 13 == 7 else 1),
        interval_s=2,
    )


def cpu_ms(call: Callable[[], object]) -> float:
    before = time.process_time()
    call()
    return (time.process_time() - before) * 1000


def median_ms(calls: Sequence[Callable[[], object]]) -> float:
    return statistics.median([cpu_ms(call) for call in calls][WARM_UP:])


def by_resvg(text: str) -> bytes:
    fonts = [str(FONTS / f"Roboto-{weight}.ttf") for weight in ("Regular", "Medium")]
    return bytes(resvg_py.svg_to_bytes(svg_string=text, skip_system_fonts=True, font_files=fonts))


def pillow_limit(picture: Picture) -> Callable[[], bytes]:
    """Give a call that pastes ready pieces where the picture has boxes, bars and texts, and saves."""
    finished = Image.open(BytesIO(png(picture)))
    palette = finished.getpalette()
    areas = [(p.x, p.y, p.x + p.w, p.y + p.h) for p in (*picture.boxes, *picture.plates)]
    areas += [(bar.x, bar.y, bar.x + bar.w, bar.y + bar.h) for bar in picture.bars]
    for text in picture.texts:
        left = round(text.x - (text.w if text.anchor == "end" else 0))
        height = round(text.face.size)
        areas.append((left, text.y - height, left + round(text.w), text.y + 4))
    pieces = [(finished.crop(area), area[:2]) for area in areas]

    def draw() -> bytes:
        page = Image.new("P", finished.size)
        page.putpalette(palette or [])
        for piece, place in pieces:
            page.paste(piece, place)
        out = BytesIO()
        page.save(out, "PNG", compress_level=1)
        return out.getvalue()

    return draw


def fresh(count: int, frames: int) -> list[Frame]:
    """Give frames that nothing has drawn before."""
    numbers = itertools.islice(NUMBERS, WARM_UP + frames)
    return [frame_of(count, number) for number in numbers]


def measure(count: int, frames: int) -> None:
    layout = median_ms([frame.picture for frame in fresh(count, frames)])
    pictures = [frame.picture() for frame in fresh(count, frames)]
    written = median_ms([lambda p=picture: svg(p) for picture in pictures])
    pictures = [frame.picture() for frame in fresh(count, frames)]
    painted = median_ms([lambda p=picture: png(p) for picture in pictures])
    whole_svg = median_ms([lambda f=frame: svg(f.picture()) for frame in fresh(count, frames)])
    whole_png = median_ms([lambda f=frame: png(f.picture()) for frame in fresh(count, frames)])
    last = pictures[-1]
    text = svg(last)
    again = median_ms([lambda: png(last)] * (WARM_UP + frames))
    limit = pillow_limit(last)
    plain = median_ms([limit] * (WARM_UP + frames))
    resvg = min(cpu_ms(lambda: by_resvg(text)) for _ in range(RESVG_FRAMES))
    print(f"{count:,} workers, {last.width} x {last.height} pixels")
    print(f"  layout           {layout:8.2f} ms")
    print(f"  SVG of a layout  {written:8.2f} ms   {len(text) / 1024:.0f} KiB")
    print(f"  SVG, whole       {whole_svg:8.2f} ms")
    print(f"  PNG of a layout  {painted:8.2f} ms   {len(png(last)) / 1024:.0f} KiB")
    print(f"  same, once more  {again:8.2f} ms")
    print(
        f"  PNG, whole       {whole_png:8.2f} ms   floor {FLOORS_MS[count]}, goal {GOALS_MS[count]}"
    )
    print(f"  limit: Pillow    {plain:8.2f} ms   ours {whole_png / plain:.2f} times")
    print(f"  limit: resvg     {resvg:8.2f} ms   ours {whole_png / resvg:.3f} times")


def main() -> None:
    frames = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    for count in (100, 1_000):
        measure(count, frames)


if __name__ == "__main__":
    main()
