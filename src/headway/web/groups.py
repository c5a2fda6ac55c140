"""Groups as a page that needs no JavaScript. Pure."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Final
from urllib.parse import urlencode

from headway.core.model.group import Group, Member
from headway.core.model.job import Job
from headway.core.model.state import State
from headway.core.operations.find_groups import GroupPage, MemberPage
from headway.views.clean import clean
from headway.views.header import title_of
from headway.views.words import count, state_words
from headway.web.frame import framed

REFRESH_S: Final = 15

_HEAD: Final = "<tr><th>name</th><th>state</th></tr>"
_NONE: Final = "no groups yet; <code>headway group create NAME</code> makes one"
_MORE: Final = "<p>There are more than these.</p>"


def groups_page(page: GroupPage) -> str:
    """Give the page of a user's groups."""
    rows = [_group(group, page.roll_ups.get(group.id, {})) for group in page.groups]
    return _page(
        "Groups",
        rows,
        summary=count(len(rows), "group") if rows else _NONE,
        ways=["<a href='../plain'>the newest jobs</a>"],
        is_all=page.next is None,
    )


def group_page(page: MemberPage, states: Mapping[str, int], above: Sequence[Group]) -> str:
    """Give the page of what is directly in a group; ``above`` are the groups that it is in."""
    return _page(
        escape(clean(page.group.name)),
        [_member(member, page) for member in page.members],
        summary=_states(states),
        ways=["<a href='plain'>all groups</a>", *map(_link, above)],
        is_all=page.next is None,
    )


def _page(
    title: str, rows: Sequence[str], *, summary: str, ways: Sequence[str], is_all: bool
) -> str:
    table = f"<table>{_HEAD}{''.join(rows)}</table>" if rows else ""
    return framed(
        f"<p>{' · '.join(ways)}</p>\n{table}\n{'' if is_all else _MORE}",
        title=f"{title} · Headway",
        heading=title,
        summary=summary,
        root="../",
        refresh_s=REFRESH_S,
    )


def _member(member: Member, page: MemberPage) -> str:
    if member.group is not None:
        return _group(member.group, page.roll_ups.get(member.group.id, {}))
    return "" if member.job is None else _job(member.job)


def _group(group: Group, states: Mapping[str, int]) -> str:
    return f"<tr><td class='name'>{_link(group)}</td><td>{_states(states)}</td></tr>"


def _job(job: Job) -> str:
    return (
        f"<tr class='{job.state}'><td class='name'>"
        f"<a href='../progress/show?id={job.number}'>{escape(title_of(job))}</a></td>"
        f"<td class='state'>{escape(state_words(job))}</td></tr>"
    )


def _link(group: Group) -> str:
    return f"<a href='plain?{urlencode({'id': group.id})}'>{escape(clean(group.name))}</a>"


def _states(states: Mapping[str, int]) -> str:
    each = [f"{states[state]:,} {state.value}" for state in State if states.get(state)]
    return f"{count(sum(states.values()), 'job')}: {', '.join(each)}" if each else "no jobs"
