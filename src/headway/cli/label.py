"""``headway label``."""

from collections.abc import Sequence
from typing import NamedTuple

import click

from headway.cli.chosen import are_ids, change_found, yes_option
from headway.cli.query import query_of
from headway.cli.server import Place, examples, json_lines_option, server_options


class Wish(NamedTuple):
    """Which jobs, and what is to become of their labels."""

    words: tuple[str, ...]
    add: tuple[str, ...]
    remove: tuple[str, ...]


@click.command(
    # No short options: -h would be taken for a label that is to go, or the other way round.
    context_settings={"ignore_unknown_options": True, "help_option_names": ["--help"]},
    epilog=examples(
        "headway label 42 +keep -draft",
        "headway label state:failed +look-at",
        "headway label 42 --add=-odd",
    ),
)
@click.argument("words", metavar="ID...|QUERY +LABEL... -LABEL...", nargs=-1, required=True)
@click.option("--add", multiple=True, metavar="LABEL", help="The same as +LABEL.")
@click.option("--remove", multiple=True, metavar="LABEL", help="The same as -LABEL.")
@yes_option
@json_lines_option
@server_options
def label(
    *,
    place: Place,
    words: Sequence[str],
    add: Sequence[str],
    remove: Sequence[str],
    yes: bool,
    as_json: bool,
) -> int:
    """Add labels to jobs, and take labels away.

    A QUERY is what `headway jobs` takes; how many it finds is told first, and asked.
    """
    from headway.cli.acting import act_on_each
    from headway.cli.clients import client_for
    from headway.sdk.model import JobDocument
    from headway.views.clean import clean

    wish = read_wish(words, add=add, remove=remove)

    def shown(job: JobDocument) -> str:
        return f"{job.number} {' '.join(f'#{clean(one)}' for one in job.labels) or 'no labels'}"

    with client_for(place) as client:

        def act(ref: str) -> JobDocument:
            return client.change_labels(ref, add=wish.add, remove=wish.remove)

        if are_ids(wish.words):
            return act_on_each(wish.words, act, shown=shown, as_json=as_json)[1]
        return change_found(
            client,
            query_of(wish.words),
            "label",
            verb="Change the labels of",
            done="labelled",
            yes=yes,
            as_json=as_json,
            add=wish.add,
            remove=wish.remove,
        )


def read_wish(words: Sequence[str], *, add: Sequence[str] = (), remove: Sequence[str] = ()) -> Wish:
    """Part what was typed into jobs and labels.

    Raises:
        click.UsageError: there are no jobs, or no labels.
    """
    wish = Wish(
        words=tuple(word for word in words if word[:1] not in {"+", "-"}),
        add=(*add, *(word[1:] for word in words if word.startswith("+") and word != "+")),
        remove=(*remove, *(word[1:] for word in words if word.startswith("-") and word != "-")),
    )
    if not wish.words:
        raise click.UsageError("name a job, or a query that finds some")
    if not wish.add and not wish.remove:
        raise click.UsageError("name a label: +LABEL to add it, -LABEL to take it away")
    return wish
