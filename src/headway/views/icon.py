"""The sign of our pages in a browser's tab: three bars, as SVG, and as HTML that needs no further file."""

from typing import Final
from urllib.parse import quote

SIGN: Final = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">'
    '<rect width="16" height="16" rx="3.5" fill="#0f7d5a"/>'
    '<path d="M3.5 4.5h9M3.5 8h6M3.5 11.5h3" stroke="#fff" stroke-width="2" stroke-linecap="round"/></svg>'
)
ICON: Final = f'<link rel="icon" href="data:image/svg+xml,{quote(SIGN)}">'
