"""``headway run-as``: what an administrator installs so that jobs can run as their owners."""

from typing import Final

import click

from headway.cli.server import examples

_PROGRAM: Final = "/usr/local/libexec/headway-run"
_DIRECTORY: Final = "/var/lib/headway/run-as"
_DENIED: Final = ("slurm", "munge", "lsfadmin", "pbsadmin", "sgeadmin")

_server = click.option(
    "--server-user",
    "server",
    metavar="USER",
    required=True,
    help="The user that the server runs as, and nobody else uses.",
)
_path = click.option(
    "--path",
    metavar="PATH",
    default=_PROGRAM,
    show_default=True,
    help="Where the program is installed.",
)


@click.group(
    "run-as",
    epilog=examples(
        "headway run-as program > headway-run",
        "headway run-as configuration --server-user headway > headway-run.conf",
        "headway run-as sudoers --server-user headway --users %researchers > headway.sudoers",
    ),
)
def run_as() -> None:
    """Print what root installs so that jobs on a cluster can run as their owners.

    Three files: the program, what it is allowed, and sudo's rule for it. Nothing is installed
    or changed by these commands.
    """


@run_as.command(
    epilog=examples(
        "headway run-as program > headway-run",
        "sudo install -D -o root -g root -m 0755 headway-run /usr/local/libexec/headway-run",
    )
)
def program() -> int:
    """Print the program.

    It is one file for Python 3.6 or newer, without other modules, to be read before it is
    installed: owned by root, mode 0755.
    """
    from headway.executors.batch.run_as.program import program as text

    click.echo(text(), nl=False)
    return 0


@run_as.command(
    epilog=examples("headway run-as configuration --server-user headway > headway-run.conf")
)
@_server
@click.option(
    "--directory",
    metavar="DIR",
    default=_DIRECTORY,
    show_default=True,
    help="Where the server puts what is run; its own, and readable by all.",
)
@click.option(
    "--least-uid",
    metavar="NUMBER",
    type=click.IntRange(1),
    default=1000,
    show_default=True,
    help="Nothing is run as users with smaller numbers.",
)
@click.option(
    "--deny",
    metavar="USER",
    multiple=True,
    default=_DENIED,
    show_default=True,
    help="Nothing is run as this user; may be repeated.",
)
@_path
def configuration(
    *, server: str, directory: str, least_uid: int, deny: tuple[str, ...], path: str
) -> int:
    """Print /etc/headway-run.conf: what the program may run, and as whom.

    Owned by root, mode 0644.
    """
    from headway.executors.batch.run_as.program import configuration as text

    told = text(
        server=server, directory=directory, least_uid=least_uid, denied=deny, program_path=path
    )
    click.echo(told, nl=False)
    return 0


@run_as.command(
    epilog=examples(
        "headway run-as sudoers --server-user headway --users %researchers > headway.sudoers",
        "visudo -c -f headway.sudoers",
    )
)
@_server
@click.option(
    "--users",
    metavar="USER",
    multiple=True,
    required=True,
    help="A user whom jobs may run as, or a %group of them; may be repeated.",
)
@_path
def sudoers(*, server: str, users: tuple[str, ...], path: str) -> int:
    """Print the rule for /etc/sudoers.d: the server may start the program as these users.

    Owned by root, mode 0440.
    """
    from headway.executors.batch.run_as.program import sudoers as text

    click.echo(text(server=server, users=users, program_path=path), nl=False)
    return 0
