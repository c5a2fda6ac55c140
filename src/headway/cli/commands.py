"""Which commands there are."""

from importlib import import_module
from typing import Final, NamedTuple

import click

PROG: Final = "headway"
COMPLETE: Final = "_HEADWAY_COMPLETE"  #: the variable by which a shell asks for completions

HELP: Final = """Watch, run and find long jobs.

The server is found by --url, else HEADWAY_URL, else it is the one that you have started
yourself on this machine. HEADWAY_TOKEN (or --token-file) says who you are to any other.

\b
Exit status: 0 fine, 1 the job failed, 2 wrong usage, 3 not found, 4 refused,
5 no server, 74 its output cannot be written, 124 out of time, 130 interrupted (the
job goes on).
"""

EXAMPLES: Final = """\b
Examples:
  headway serve
  headway submit --follow -- ./simulate --steps 1000
  headway run -- ./my_script.sh
  headway jobs 'state:failed created:>2d'
  headway watch

`headway COMMAND --help` has examples of each.
"""


class Entry(NamedTuple):
    """Where a command is, and what the overview says of it."""

    place: str
    summary: str


#: Section, then command. The summaries stand here so that ``headway --help`` imports no command.
COMMANDS: Final[dict[str, dict[str, Entry]]] = {
    "Serve": {
        "serve": Entry("headway.cli.serve:serve", "Start a server."),
        "demo": Entry("headway.cli.demo:demo", "Start a server that shows some real work."),
        "doctor": Entry("headway.cli.doctor:doctor", "Check that everything is as it should be."),
    },
    "Run": {
        "submit": Entry("headway.cli.submit:submit", "Submit a command as a job."),
        "run": Entry("headway.cli.run:run", "Run a command here and report how it goes."),
        "progress": Entry("headway.cli.progress:progress", "Report progress from a shell."),
        "kill": Entry("headway.cli.kill:kill", "Cancel jobs."),
        "retry": Entry("headway.cli.retry:retry", "Run ended jobs again."),
        "moi": Entry("headway.cli.moi:moi", "Submit functions and look at them, as moi did."),
        "clone": Entry("headway.cli.clone:clone", "Submit a job like another one, with changes."),
    },
    "Look": {
        "jobs": Entry("headway.cli.jobs:jobs", "List jobs."),
        "job": Entry("headway.cli.job:job", "Show all that is known of a job."),
        "why": Entry("headway.cli.why:why", "Say why a job waits, or how it failed."),
        "logs": Entry("headway.cli.logs:logs", "Print what a job has written."),
        "watch": Entry("headway.cli.watch:watch", "Watch jobs live."),
        "wait": Entry("headway.cli.wait:wait", "Wait until jobs have ended."),
        "callbacks": Entry(
            "headway.cli.callbacks:callbacks", "See what callbacks were told; tell them again."
        ),
        "open": Entry("headway.cli.open:open_page", "Open a job's page in the browser."),
        "link": Entry("headway.cli.link:link", "Make a link that shows a job to others."),
    },
    "Tidy": {
        "group": Entry("headway.cli.group:group", "Make groups of jobs, and look at them."),
        "label": Entry("headway.cli.label:label", "Add and remove labels."),
        "hide": Entry("headway.cli.hide:hide", "Leave jobs out of lists."),
        "unhide": Entry("headway.cli.hide:unhide", "Take hidden jobs into lists again."),
    },
    "Set up": {
        "filters": Entry("headway.cli.filters:filters", "List, save and delete filters."),
        "clusters": Entry("headway.cli.clusters:clusters", "List where jobs run."),
        "adopt": Entry("headway.cli.adopt:adopt", "See which jobs of clusters are shown too."),
        "import": Entry("headway.cli.importing:import_", "Read another service's configuration."),
        "token": Entry("headway.cli.token:token", "Make, list and revoke tokens."),
        "run-as": Entry(
            "headway.cli.run_as:run_as", "Print what root installs to run jobs as their owners."
        ),
        "completion": Entry("headway.cli.completion:completion", "Print a shell's completion."),
    },
}


class LazyGroup(click.Group):
    """A group whose commands are imported when they are called.

    Its methods go without ``override``: typing_extensions would be imported for that at every start.
    """

    entries: Final = {name: entry for part in COMMANDS.values() for name, entry in part.items()}

    def list_commands(self, ctx: click.Context) -> list[str]:  # type: ignore[explicit-override]  # noqa: ARG002
        """List the commands' names in the order of the table."""
        return list(self.entries)

    def get_command(  # type: ignore[explicit-override]
        self,
        ctx: click.Context,  # noqa: ARG002
        cmd_name: str,
    ) -> click.Command | None:
        """Import a command."""
        if cmd_name not in self.entries:
            return None
        module, _, name = self.entries[cmd_name].place.partition(":")
        command = getattr(import_module(module), name)
        if not isinstance(command, click.Command):
            raise TypeError(f"{module}:{name} is no command")
        return command

    def resolve_command(  # type: ignore[explicit-override]
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that is meant; say which is like it when there is none."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            if args[0] in self.entries or args[0].startswith("-"):
                raise
            from difflib import get_close_matches

            like = get_close_matches(args[0], self.entries, n=1)
            hint = f" Did you mean '{like[0]}'?" if like else ""
            raise click.UsageError(f"{error.message}{hint}", ctx) from None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # type: ignore[explicit-override]  # noqa: ARG002
        """Write the overview, section by section."""
        for section, commands in COMMANDS.items():
            with formatter.section(section):
                formatter.write_dl([(name, entry.summary) for name, entry in commands.items()])


def _version(context: click.Context, _: click.Parameter, wanted: bool) -> None:  # noqa: FBT001 -- click calls it so
    if wanted and not context.resilient_parsing:
        from importlib.metadata import version

        click.echo(f"headway {version('headway')}")
        context.exit()


@click.group(
    cls=LazyGroup,
    help=HELP,
    epilog=EXAMPLES,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_version,
    help="Print the version.",
)
def app() -> None:
    """Watch, run and find long jobs."""
