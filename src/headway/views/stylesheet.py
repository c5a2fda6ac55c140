"""The colours as CSS variables, so that pages and pictures look alike."""

from headway.views.palette import Theme, colours


def stylesheet(rules: str) -> str:
    """Put every colour as ``--name``, light and dark by the reader's setting, in front of a page's rules."""
    light, dark = (
        " ".join(f"--{name}: {value};" for name, value in colours(theme).items())
        for theme in (Theme.LIGHT, Theme.DARK)
    )
    schemes = f":root {{ {light} }}\n@media (prefers-color-scheme: dark) {{ :root {{ {dark} }} }}"
    return f"{schemes}\n{rules}"
