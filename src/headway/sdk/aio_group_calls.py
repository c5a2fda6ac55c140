"""The calls of AsyncClient that are about groups."""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Sequence

from headway.sdk import answers, model, requests
from headway.sdk.message import Request, Response
from headway.sdk.pages import Pages


class AsyncGroupCalls(ABC):
    """What can be asked about groups: each user has their own."""

    @abstractmethod
    async def send(self, request: Request) -> Response:
        """Send a request of ``headway.sdk.requests`` and give its successful response."""

    async def create_group(
        self,
        name: str,
        *,
        group_id: str | None = None,
        url: str | None = None,
        parent: str | None = None,
    ) -> model.Group:
        """Make a group in another one, without a parent in your root; one of that id that is there stays as it is."""
        request = requests.create_group(name, group_id=group_id, url=url, parent=parent)
        return answers.group(await self.send(request))

    async def groups(
        self, *, name: str | None = None, roots: bool = False, limit: int | None = None
    ) -> AsyncIterator[model.Group]:
        """Give your groups, the first made first."""
        pages = Pages(limit)
        while not pages.are_done:
            request = requests.groups(name=name, roots=roots, limit=pages.size, cursor=pages.cursor)
            page = answers.groups(await self.send(request))
            for one in page.groups[: pages.left]:
                yield one
            pages.turn(len(page.groups), page.next)

    async def group(self, ref: str) -> model.Group:
        """Give a group by its id, its name or a path to it."""
        return answers.group(await self.send(requests.group(ref)))

    async def at_path(self, path: str) -> model.Group | model.JobSummary:
        """Give the group or the job at a path: ``a:b:c`` is what is called c in b in a."""
        found = answers.groups(await self.send(requests.groups(path=path)))
        return found.groups[0] if found.job is None else found.job

    async def groups_of(
        self, *, job: str | int | None = None, group: str | None = None
    ) -> tuple[model.Group, ...]:
        """Give your groups that a job or a group is directly in."""
        ref = None if job is None else str(job)
        return answers.groups(await self.send(requests.groups(job=ref, group=group))).groups

    async def change_group(
        self, ref: str, *, name: str | None = None, url: str | None = None
    ) -> model.Group:
        """Give a group another name or address; an empty address takes it away."""
        return answers.group(await self.send(requests.change_group(ref, name=name, url=url)))

    async def delete_group(self, ref: str) -> None:
        """Forget a group; what is in it lives on."""
        await self.send(requests.delete_group(ref))

    async def members(self, ref: str, *, limit: int | None = None) -> AsyncIterator[model.Member]:
        """Give what is directly in a group, oldest first."""
        pages = Pages(limit)
        while not pages.are_done:
            request = requests.members(ref, limit=pages.size, cursor=pages.cursor)
            page = answers.members(await self.send(request))
            for one in page.members[: pages.left]:
                yield one
            pages.turn(len(page.members), page.next)

    async def add_to_group(
        self, ref: str, *, jobs: Sequence[str | int] = (), groups: Sequence[str] = ()
    ) -> tuple[model.Place, ...]:
        """Put jobs and groups into a group, all or none; gives the places that are new."""
        request = requests.add_members(ref, jobs=[str(job) for job in jobs], groups=groups)
        return answers.added(await self.send(request)).added

    async def remove_from_group(
        self, ref: str, member: str | int, *, kind: str | None = None
    ) -> None:
        """Take a job or a group out of a group; nothing else happens to it.

        Args:
            kind: ``job`` or ``group``, where a group's id may be a job's number.
        """
        await self.send(requests.remove_member(ref, str(member), kind=kind))

    async def tree(self, ref: str, *, jobs: bool = False, limit: int | None = None) -> model.Tree:
        """Give all below a group; its jobs only when asked for."""
        return answers.tree(await self.send(requests.tree(ref, jobs=jobs, limit=limit)))
