"""Write the page's colours from the pictures' palette: web/src/style/colours.css. A test holds the two together."""

from pathlib import Path
from typing import Final

from headway.views.palette import Theme, colours

PLACE: Final = Path(__file__).parents[1] / "web/src/style/colours.css"
_HEAD: Final = "/* Made by tools/web_colours.py from headway.views.palette; do not edit. */"


def text() -> str:
    """Give the file: light, dark by the system, and both by choice."""
    light, dark = (_variables(theme) for theme in (Theme.LIGHT, Theme.DARK))
    return (
        f'{_HEAD}\n:root,\n:root[data-theme="light"] {{\n{light}}}\n'
        f'@media (prefers-color-scheme: dark) {{\n:root:not([data-theme="light"]) {{\n{dark}}}\n}}\n'
        f':root[data-theme="dark"] {{\n{dark}}}\n'
    )


def _variables(theme: Theme) -> str:
    return "".join(f"  --{name}: {value};\n" for name, value in colours(theme).items())


if __name__ == "__main__":
    PLACE.write_text(text())
