"""What pages that need no JavaScript share: the head, and the line that says what they are. Pure."""

from typing import Final

from headway.views.icon import ICON

_FRAME: Final = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="{refresh_s}">
<title>{title}</title>
{icon}
<link rel="stylesheet" href="{root}front.css">
</head>
<body>
<main>
<header><h1>{heading}</h1><span>{summary}</span></header>
{body}
</main>
</body>
</html>
"""


def framed(body: str, *, title: str, heading: str, summary: str, root: str, refresh_s: int) -> str:
    """Give a whole page that loads itself again every few seconds.

    Args:
        body, title, heading, summary: HTML, escaped by whoever makes it.
        root: the way from the page to the server's root: "" or "../".
    """
    return _FRAME.format(
        body=body,
        title=title,
        heading=heading,
        summary=summary,
        root=root,
        refresh_s=refresh_s,
        icon=ICON,
    )
