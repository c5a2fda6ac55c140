"""Pictures that only say something, so that a page's image never breaks."""

from typing import Final

from headway.views.clean import clean
from headway.views.font import BODY, TITLE
from headway.views.header import MARGIN
from headway.views.palette import Theme
from headway.views.picture import Draft, Picture

_WIDTH: Final = 640
_NAME_LIMIT: Final = 80  # characters


def message_picture(
    title: str, text: str, *, theme: Theme = Theme.LIGHT, width: int = _WIDTH
) -> Picture:
    """Lay out a title with a sentence below it; both may be foreign text."""
    draft = Draft(width)
    room = draft.width - 2 * MARGIN
    draft.write(MARGIN, 44, clean(title), TITLE, "ink", room=room)
    draft.write(MARGIN, 72, clean(text), BODY, "muted", room=room)
    draft.y = 72
    return draft.picture(theme=theme, title=clean(title), alt=clean(text), bottom=MARGIN)


def unknown_picture(name: str, *, theme: Theme = Theme.LIGHT) -> Picture:
    """Lay out the picture of a job that nobody has heard of yet."""
    title = f"No job called {clean(name, _NAME_LIMIT)}"
    return message_picture(
        title, "Waiting for it. This picture shows it as soon as it is created.", theme=theme
    )
