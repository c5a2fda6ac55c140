"""A tree of groups as lines of text."""

from collections.abc import Iterator, Mapping

from headway.cli.output import BOLD, DIM, STATE_COLOURS, painted
from headway.sdk.model import Group, JobSummary, Place, Tree
from headway.views.clean import clean

_STEP = "  "


def tree_lines(tree: Tree) -> Iterator[str]:
    """Give a line for each place: what hangs in several groups comes again, with all below it only the first time."""
    groups = {group.id: group for group in tree.groups}
    jobs = {job.id: job for job in tree.jobs}
    places: dict[str, list[Place]] = {}
    for place in tree.places:
        places.setdefault(place.group, []).append(place)
    shown: set[str] = set()
    waiting = [(0, "group", tree.groups[0].id)]
    while waiting:
        depth, kind, name = waiting.pop()
        if kind == "job":
            if name in jobs:
                yield _STEP * depth + _job(jobs[name])
            continue
        again = name in shown and name in places
        yield _STEP * depth + _group(groups[name], again=again)
        if not again:
            shown.add(name)
            below = [(depth + 1, one.kind, one.id) for one in places.get(name, [])]
            waiting += reversed(below)


def _group(group: Group, *, again: bool) -> str:
    words = f"{painted(clean(group.name), BOLD)}  {states_words(group.states)}"
    link = f"  {painted(clean(group.url), DIM)}" if group.url else ""
    return f"{words}{link}{painted('  (shown above)', DIM) if again else ''}"


def states_words(states: Mapping[str, int]) -> str:
    """Say how jobs are: ``12 jobs: 3 running, 9 succeeded``."""
    count = sum(states.values())
    if not count:
        return painted("no jobs", DIM)
    each = [
        painted(f"{states[state]} {state}", *([colour] if colour else []))
        for state, colour in STATE_COLOURS.items()
        if states.get(state)
    ]
    return f"{count} {'job' if count == 1 else 'jobs'}: {', '.join(each)}"


def _job(job: JobSummary) -> str:
    state = painted(job.state, STATE_COLOURS.get(job.state, ""))
    return f"{job.number}  {state}  {clean(job.name)}"
