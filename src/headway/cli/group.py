"""``headway group``."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from headway.cli.output import encode_json, say, write_json
from headway.cli.server import Place, examples, json_option, server_options

if TYPE_CHECKING:
    from headway.sdk.client import Client
    from headway.sdk.model import Group

_EXAMPLES = examples(
    "headway group create nightly",
    "headway submit --group nightly -- ./fit.sh",
    "headway group show nightly",
    "headway jobs --group nightly -s failed",
)
_MOST_PLACES = 20_000
_MOST_ALIKE = 20
_NONE = "you have no groups yet; make one with `headway group create NAME`"
_GROUPS = click.option(
    "--group",
    "-g",
    "groups",
    metavar="GROUP",
    multiple=True,
    help="A group instead of a job; may be repeated.",
)


@click.group(epilog=_EXAMPLES)
def group() -> None:
    """Make groups of jobs, and look at them.

    A group has jobs and other groups in it; both may be in several groups. GROUP is an id, a
    name, or a path such as nightly:fits. Everybody has their own groups. Taking something out
    of a group, or deleting one, ends no job.
    """


@group.command(
    epilog=examples(
        "headway group create nightly", "headway group create fits --in nightly --id fits-2026-03"
    )
)
@click.argument("name")
@click.option("--in", "parent", metavar="GROUP", help="In this group, instead of your root.")
@click.option("--id", "group_id", metavar="ID", help="Its id, any text; else a new UUID.")
@click.option("--link", metavar="URL", help="Where more is told of it.")
@json_option
@server_options
def create(
    *,
    place: Place,
    name: str,
    parent: str | None,
    group_id: str | None,
    link: str | None,
    as_json: bool,
) -> int:
    """Make a group.

    With an --id that one of your groups has, that one is given as it is. Names need not be unique.
    """
    from headway.cli.clients import client_for

    _check_link(link)
    with client_for(place) as client:
        made = client.create_group(name, group_id=group_id, url=link, parent=parent)
        alike = _called_alike(client, made)
    if as_json:
        write_json(encode_json(made))
    else:
        print(made.id)
    if made.name != name:
        say(f"the group {made.id} was there before, and is called {made.name}")
    elif alike:
        say(f"there was a group called {name} beside it before: {', '.join(alike)}")
    return 0


@group.command(
    epilog=examples("headway group add nightly 41 42", "headway group add nightly --group fits")
)
@click.argument("name", metavar="GROUP")
@click.argument("jobs", metavar="[JOB]...", nargs=-1)
@_GROUPS
@json_option
@server_options
def add(
    *, place: Place, name: str, jobs: Sequence[str], groups: Sequence[str], as_json: bool
) -> int:
    """Put jobs and groups into a group: all of them or none."""
    from headway.cli.clients import client_for

    _check_some(jobs, groups)
    with client_for(place) as client:
        new = client.add_to_group(name, jobs=jobs, groups=groups)
    if as_json:
        write_json(encode_json(new))
    else:
        say(f"{len(new)} new in {name}" if new else f"all of it was in {name} before")
    return 0


@group.command(
    epilog=examples("headway group remove nightly 41", "headway group remove nightly --group fits")
)
@click.argument("name", metavar="GROUP")
@click.argument("jobs", metavar="[JOB]...", nargs=-1)
@_GROUPS
@json_option
@server_options
def remove(
    *, place: Place, name: str, jobs: Sequence[str], groups: Sequence[str], as_json: bool
) -> int:
    """Take jobs and groups out of a group. Nothing else happens to them."""
    from headway.cli.clients import client_for

    _check_some(jobs, groups)
    gone: list[dict[str, str]] = []
    with client_for(place) as client:
        holder = client.group(name).id if as_json else name
        for kind, ref in [*(("group", one) for one in groups), *(("job", one) for one in jobs)]:
            member = client.group(ref).id if kind == "group" else ref
            if kind == "job" and as_json:
                member = _job_id(client, ref)
            client.remove_from_group(holder, member, kind=kind)
            gone.append({"group": holder, "kind": kind, "id": member})
            if not as_json:
                say(f"{kind} {ref} is not in {name} any more")
    if as_json:
        write_json(encode_json(gone))
    return 0


@group.command(epilog=examples("headway group delete nightly"))
@click.argument("names", metavar="GROUP...", nargs=-1, required=True)
@server_options
def delete(*, place: Place, names: Sequence[str]) -> int:
    """Forget groups. The jobs in them stay as they are."""
    from headway.cli.clients import client_for

    with client_for(place) as client:
        for name in dict.fromkeys(names):
            client.delete_group(name)
            say(f"group {name} is deleted")
    return 0


@group.command(
    epilog=examples(
        "headway group rename nightly 'night fits'",
        "headway group rename nightly nightly --link https://example.org/nightly",
    )
)
@click.argument("name", metavar="GROUP")
@click.argument("new")
@click.option("--link", metavar="URL", help="Where more is told of it; '' for nowhere.")
@json_option
@server_options
def rename(*, place: Place, name: str, new: str, link: str | None, as_json: bool) -> int:
    """Give a group another name. Its id stays."""
    from headway.cli.clients import client_for

    _check_link(link)
    with client_for(place) as client:
        changed = client.change_group(name, name=new, url=link)
    if as_json:
        write_json(encode_json(changed))
    else:
        say(f"group {name} is called {changed.name} now")
    return 0


@group.command("list", epilog=examples("headway group list", "headway group list --of 42"))
@click.option("--of", "job", metavar="JOB", help="Those that this job is directly in.")
@click.option("--roots", is_flag=True, help="Only those that need no place in another group.")
@json_option
@server_options
def list_groups(*, place: Place, job: str | None, roots: bool, as_json: bool) -> int:
    """List your groups."""
    from headway.cli.clients import client_for
    from headway.cli.tables import Cell, Column, print_table
    from headway.views.clean import clean
    from headway.views.words import moment

    with client_for(place) as client:
        found = tuple(client.groups(roots=roots)) if job is None else client.groups_of(job=job)
    if as_json:
        write_json(encode_json({"groups": found}))
        return 0
    if not found:
        say(
            _NONE
            if job is None
            else f"job {job} is in no group; `headway group add GROUP {job}` puts it in one"
        )
        return 0
    any_loose = any(one.loose for one in found)
    rows = [
        (
            Cell(clean(one.name)),
            Cell(str(sum(one.states.values()))),
            Cell(clean(one.id)),
            *([Cell("" if one.loose is None else moment(one.loose))] if any_loose else []),
        )
        for one in found
    ]
    columns = [Column("NAME"), Column("JOBS", is_number=True), Column("ID")]
    print_table([*columns, Column("LOOSE SINCE")] if any_loose else columns, rows)
    return 0


@group.command(
    epilog=examples(
        "headway group show", "headway group show nightly --jobs", "headway group show nightly:fits"
    )
)
@click.argument("name", metavar="[GROUP]", required=False)
@click.option("--jobs", "-j", "with_jobs", is_flag=True, help="The jobs too.")
@json_option
@server_options
def show(*, place: Place, name: str | None, with_jobs: bool, as_json: bool) -> int:
    """Show all below a group, or below your root, and how the jobs are."""
    from headway.cli.clients import client_for
    from headway.cli.grouping import tree_lines
    from headway.core.errors import NotFound

    with client_for(place) as client:
        ref = client.whoami().name if name is None else name
        try:
            tree = client.tree(ref, jobs=with_jobs, limit=_MOST_PLACES)
        except NotFound:
            if name is not None:
                raise
            say(_NONE)
            return 0
    if as_json:
        write_json(encode_json(tree))
        return 0
    for line in tree_lines(tree):
        print(line)
    if not tree.is_whole:
        say("there is more than can be shown at once; name a group further down")
    return 0


def _called_alike(client: "Client", made: "Group") -> list[str]:
    """Give the ids of others of a new group's name that are where it is; none to who may not read."""
    from headway.core.errors import Forbidden

    try:
        named = client.groups(name=made.name, limit=_MOST_ALIKE)
        others = [one.id for one in named if one.id != made.id]
    except Forbidden:
        return []
    if not others:
        return []
    places = {one.id for one in client.groups_of(group=made.id)}
    return [other for other in others if places & {one.id for one in client.groups_of(group=other)}]


def _job_id(client: "Client", ref: str) -> str:
    """Give a job's id; ``ref`` itself for one that may not be seen any more."""
    from headway.core.errors import NotFound

    try:
        return client.job(ref).id
    except NotFound:
        return ref


def _check_some(jobs: Sequence[str], groups: Sequence[str]) -> None:
    if not jobs and not groups:
        raise click.UsageError("name a job, or a group with --group")


def _check_link(link: str | None) -> None:
    """Refuse what no page would show as a link: it would be kept, and nobody would see it."""
    if link and not link.startswith(("http://", "https://", "/")):
        raise click.BadParameter(
            f"{link!r} is no web address; it begins with http:// or https://", param_hint="'--link'"
        )
