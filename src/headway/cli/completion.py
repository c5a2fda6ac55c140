"""``headway completion``."""

import click

from headway.cli.server import examples

SHELLS = ("bash", "zsh", "fish")


@click.command(
    epilog=examples(
        'eval "$(headway completion bash)"',
        "headway completion fish > ~/.config/fish/completions/headway.fish",
    )
)
@click.argument("shell", type=click.Choice(SHELLS))
def completion(*, shell: str) -> int:
    """Print what makes a shell complete headway's commands and options."""
    from click.shell_completion import get_completion_class

    from headway.cli.commands import COMPLETE, PROG, app

    kind = get_completion_class(shell)
    if kind is None:
        raise click.UsageError(f"{shell} is not supported")
    print(kind(app, {}, PROG, COMPLETE).source())
    return 0
