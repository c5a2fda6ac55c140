"""``headway import``: what other services were told, as configuration of ours."""

from pathlib import Path

import click

from headway.cli.server import examples


@click.group("import", epilog=examples("headway import joblauncher joblauncher.yml > headway.toml"))
def import_() -> None:
    """Read another service's configuration."""


@import_.command(
    epilog=examples("headway import joblauncher joblauncher.yml > headway.toml"),
)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def joblauncher(*, file: Path) -> int:
    """Print a joblauncher.yml as a file of ours.

    It is for `headway serve --config`; joblauncher and osmium have the same files.

    Each key that has no meaning here is named, with the reason.
    """
    from headway.cli.joblauncher_file import read_joblauncher_file
    from headway.cli.output import say
    from headway.cli.toml import toml_of

    found = read_joblauncher_file(file)
    print(toml_of(found.tables), end="")
    for remark in found.remarks:
        say(f"{remark.key}: {remark.words}")
    return 0
