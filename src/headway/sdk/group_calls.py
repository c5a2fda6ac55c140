"""The calls of Client that are about groups."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence

from headway.sdk import answers, model, requests
from headway.sdk.message import Request, Response
from headway.sdk.pages import Pages


class GroupCalls(ABC):
    """What can be asked about groups: each user has their own."""

    @abstractmethod
    def send(self, request: Request) -> Response:
        """Send a request of ``headway.sdk.requests`` and give its successful response."""

    def create_group(
        self,
        name: str,
        *,
        group_id: str | None = None,
        url: str | None = None,
        parent: str | None = None,
    ) -> model.Group:
        """Make a group in another one, without a parent in your root; one of that id that is there stays as it is."""
        request = requests.create_group(name, group_id=group_id, url=url, parent=parent)
        return answers.group(self.send(request))

    def groups(
        self, *, name: str | None = None, roots: bool = False, limit: int | None = None
    ) -> Iterator[model.Group]:
        """Give your groups, the first made first."""
        pages = Pages(limit)
        while not pages.are_done:
            request = requests.groups(name=name, roots=roots, limit=pages.size, cursor=pages.cursor)
            page = answers.groups(self.send(request))
            yield from page.groups[: pages.left]
            pages.turn(len(page.groups), page.next)

    def group(self, ref: str) -> model.Group:
        """Give a group by its id, its name or a path to it."""
        return answers.group(self.send(requests.group(ref)))

    def at_path(self, path: str) -> model.Group | model.JobSummary:
        """Give the group or the job at a path: ``a:b:c`` is what is called c in b in a."""
        found = answers.groups(self.send(requests.groups(path=path)))
        return found.groups[0] if found.job is None else found.job

    def groups_of(
        self, *, job: str | int | None = None, group: str | None = None
    ) -> tuple[model.Group, ...]:
        """Give your groups that a job or a group is directly in."""
        ref = None if job is None else str(job)
        return answers.groups(self.send(requests.groups(job=ref, group=group))).groups

    def change_group(
        self, ref: str, *, name: str | None = None, url: str | None = None
    ) -> model.Group:
        """Give a group another name or address; an empty address takes it away."""
        return answers.group(self.send(requests.change_group(ref, name=name, url=url)))

    def delete_group(self, ref: str) -> None:
        """Forget a group; what is in it lives on."""
        self.send(requests.delete_group(ref))

    def members(self, ref: str, *, limit: int | None = None) -> Iterator[model.Member]:
        """Give what is directly in a group, oldest first."""
        pages = Pages(limit)
        while not pages.are_done:
            request = requests.members(ref, limit=pages.size, cursor=pages.cursor)
            page = answers.members(self.send(request))
            yield from page.members[: pages.left]
            pages.turn(len(page.members), page.next)

    def add_to_group(
        self, ref: str, *, jobs: Sequence[str | int] = (), groups: Sequence[str] = ()
    ) -> tuple[model.Place, ...]:
        """Put jobs and groups into a group, all or none; gives the places that are new."""
        request = requests.add_members(ref, jobs=[str(job) for job in jobs], groups=groups)
        return answers.added(self.send(request)).added

    def remove_from_group(self, ref: str, member: str | int, *, kind: str | None = None) -> None:
        """Take a job or a group out of a group; nothing else happens to it.

        Args:
            kind: ``job`` or ``group``, where a group's id may be a job's number.
        """
        self.send(requests.remove_member(ref, str(member), kind=kind))

    def tree(self, ref: str, *, jobs: bool = False, limit: int | None = None) -> model.Tree:
        """Give all below a group; its jobs only when asked for."""
        return answers.tree(self.send(requests.tree(ref, jobs=jobs, limit=limit)))
