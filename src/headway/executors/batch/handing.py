"""Hands attempts to the scheduler: writes what they are run by, and submits them, several at a time."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from headway.core.errors import ExecutorRejected, ExecutorUnavailable, InvalidRequest
from headway.core.model.array import INDEX_VARIABLE
from headway.core.model.names import NativeId, Tag
from headway.core.ports.executor import Launch, Refusal
from headway.executors.batch import inherited, place
from headway.executors.batch.command import Command
from headway.executors.batch.dialect import Dialect
from headway.executors.batch.entries import Followed
from headway.executors.batch.own_commands import OwnCommands
from headway.executors.batch.place import Places
from headway.executors.batch.request import Elements, Request
from headway.executors.batch.script import Told, Wrappers, batch_script, element_lines, job_script
from headway.executors.batch.transport import File, Transport

_AT_ONCE: Final = 8
_WRITTEN_AT_ONCE: Final = (
    16  #: attempts whose files are written in one go, while those before are submitted
)


class Prepared(NamedTuple):
    """An attempt that is ready to be submitted."""

    launch: Launch
    command: Command | None  #: None for one whose own command submits it
    files: Sequence[File]


class Handed(NamedTuple):
    """What came of a batch of submissions, by the launches' own tags. ``trouble`` is why those in none of the two are not known to be anywhere."""

    answers: Mapping[Tag, NativeId]
    refusals: Sequence[Refusal]
    trouble: ExecutorUnavailable | None
    followed: Mapping[Tag, Followed]


class Handing:
    """Submits attempts to one cluster.

    Args:
        defaults: options of every submission to this cluster, by the scheduler's own names; a job's own win.
    """

    def __init__(
        self,
        *,
        dialect: Dialect,
        transport: Transport,
        places: Places,
        own_commands: OwnCommands,
        wrappers: Wrappers,
        defaults: Mapping[str, str],
        tells_server: bool,
    ) -> None:
        self._dialect = dialect
        self._transport = transport
        self._places = places
        self._own_commands = own_commands
        self._wrappers = wrappers
        self._defaults = defaults
        self._tells_server = tells_server
        self._inherited: Mapping[str, str] = {}
        self._failed: set[Tag] = set()  #: last time; others have their turn before them

    async def start(self) -> None:
        """Learn what environment jobs are to inherit, where the scheduler does not see to that itself.

        Raises:
            ExecutorUnavailable: not now.
        """
        if not self._dialect.passes_environment:
            self._inherited = inherited.read(await self._transport.run(inherited.ASKING))

    async def hand_over(self, launches: Sequence[Launch]) -> Handed:
        """Write and submit; each attempt is answered, refused, or in trouble.

        Raises:
            ExecutorUnavailable: nothing was submitted.
        """
        refusals: list[Refusal] = []
        ready: list[Prepared] = []
        for launch in launches:
            try:
                ready.append(self._prepare(launch))
            except InvalidRequest as error:
                refusals += _refused(launch, str(error))
        ready, missing = await self._with_directories(ready)
        on_its_way = _Round(self._dialect, self._transport, self._own_commands)
        handed = await on_its_way.go(sorted(ready, key=lambda one: one.launch.tag in self._failed))
        self._failed.difference_update(one.launch.tag for one in ready)
        self._failed |= on_its_way.failed
        return handed._replace(refusals=[*refusals, *missing, *handed.refusals])

    def _prepare(self, launch: Launch) -> Prepared:
        tag, spec = launch.tag, launch.spec
        home = self._places.of(tag)
        variables = self._dialect.variables
        script = batch_script(
            what=f"Attempt {tag}: {launch.name}",
            place=home,
            variables=variables,
            wrappers=self._wrappers,
        )
        if spec.submits is not None:
            return Prepared(launch, None, [self._own_commands.file_of(launch)])
        own = self._with_index(launch.elements[0].environment) if launch.elements else {}
        every = self._with_index(launch.environment)
        common = {name: value for name, value in every.items() if name not in own}
        job = job_script(
            spec,
            common,
            told=self._told(launch),
            variables=variables,
            own=sorted(own),
            inherited=self._inherited,
        )
        request = Request(
            mark=self._dialect.mark(tag),
            name=launch.name,
            script=self._places.file(tag, place.SCRIPT),
            text=script,
            output=self._places.file(tag, place.SCHEDULER),
            directory=home,
            resources=spec.resources,
            attributes=spec.attributes,
            elements=_elements(launch),
            native=self._native(launch),
        )
        command = self._dialect.submit(request)  # says now what it cannot pass on
        files = [File(path=self._places.file(tag, place.JOB), data=job)]
        if not command.stdin:
            files.append(File(path=request.script, data=script, mode=0o700))
        if launch.elements:
            files.append(self._list_of_elements(launch))
        return Prepared(launch, command, files)

    def _list_of_elements(self, launch: Launch) -> File:
        lines = element_lines(
            (index, self._places.relative(element.tag), self._with_index(element.environment))
            for index, element in enumerate(launch.elements)
        )
        return File(path=self._places.elements(launch.tag), data=lines)

    def _with_index(self, environment: Mapping[str, str]) -> Mapping[str, str]:
        """Add an element's index under the scheduler's own name.

        The scheduler counts otherwise: large arrays are submitted in parts, and an element may be tried again by itself.
        """
        index, name = environment.get(INDEX_VARIABLE), self._dialect.variables.index
        return environment if index is None or not name else {**environment, name: index}

    def _native(self, launch: Launch) -> Mapping[str, str]:
        """Give the scheduler's own options; those for other schedulers are not for this one."""
        own = f"{self._dialect.name}."
        told = launch.spec.attributes.custom_attributes
        return {
            **self._defaults,
            **{key[len(own) :]: value for key, value in told.items() if key.startswith(own)},
        }

    def _told(self, launch: Launch) -> Told:
        url = launch.environment.get("HEADWAY_URL", "")
        reaches = self._tells_server and bool(url)
        return Told(
            api_url=f"{url}/api/v1" if reaches else "",
            token=launch.environment.get("HEADWAY_REPORT_TOKEN", "") if reaches else "",
            limit_s=launch.spec.attributes.duration,
            elements=self._places.elements(launch.tag) if launch.elements else "",
        )

    async def _with_directories(
        self, ready: Sequence[Prepared]
    ) -> tuple[list[Prepared], list[Refusal]]:
        """Divide into attempts whose working directories are there, and refusals of the others.

        Schedulers do worse: Slurm runs such a job in /tmp and calls it completed.
        """
        asked = {one.launch.spec.directory for one in ready} - {None}
        if not asked:
            return list(ready), []
        missing = set(await self._transport.missing_directories(sorted(filter(None, asked))))
        refusals = [
            refusal
            for one in ready
            if one.launch.spec.directory in missing
            for refusal in _refused(
                one.launch,
                f"directory: {one.launch.spec.directory!r} is no directory that can be entered on the cluster",
            )
        ]
        return [one for one in ready if one.launch.spec.directory not in missing], refusals


class _Round:
    """One batch on its way: files are written some attempts ahead of those that are being submitted."""

    def __init__(self, dialect: Dialect, transport: Transport, own_commands: OwnCommands) -> None:
        self._dialect = dialect
        self._transport = transport
        self._own_commands = own_commands
        self._written: asyncio.Queue[Prepared | None] = asyncio.Queue()
        self._answers: dict[Tag, NativeId] = {}
        self._followed: dict[Tag, Followed] = {}
        self._refusals: list[Refusal] = []
        self._trouble: ExecutorUnavailable | None = None
        self._is_cut = False
        self.failed: set[Tag] = set()  #: of these alone it is known that something went wrong

    async def go(self, ready: Sequence[Prepared]) -> Handed:
        """Write and submit, until all is done, or it is the cluster that is in trouble."""
        at_once = min(_AT_ONCE, len(ready))
        async with asyncio.TaskGroup() as group:
            group.create_task(self._write(ready, readers=at_once))
            for _ in range(at_once):
                group.create_task(self._submit())
        return Handed(self._answers, self._refusals, self._trouble, self._followed)

    async def _write(self, ready: Sequence[Prepared], *, readers: int) -> None:
        for first in range(0, len(ready), _WRITTEN_AT_ONCE):
            some = ready[first : first + _WRITTEN_AT_ONCE]
            try:
                await self._transport.write([file for one in some for file in one.files])
            except ExecutorUnavailable as error:
                self._trouble, self._is_cut = error, True
            if self._is_over:
                break
            for one in some:
                self._written.put_nowait(one)
        for _ in range(readers):
            self._written.put_nowait(None)

    async def _submit(self) -> None:
        while (one := await self._written.get()) is not None:
            if self._is_over:
                continue
            try:
                await self._submit_one(one)
            except ExecutorRejected as error:
                self._refusals += _refused(one.launch, str(error))
            except ExecutorUnavailable as error:
                self._trouble = error
                self.failed.add(one.launch.tag)

    @property
    def _is_over(self) -> bool:
        """Tell whether nothing more is tried: it is the cluster that fails, not one submission or another."""
        heard = len(self._answers) + len(self._followed) + len(self._refusals)
        return self._is_cut or len(self.failed) >= _AT_ONCE + heard

    async def _submit_one(self, one: Prepared) -> None:
        if one.command is None:
            self._followed[one.launch.tag] = await self._own_commands.run(one.launch)
            return
        output = await self._transport.run(one.command)
        self._answers[one.launch.tag] = self._dialect.submitted(output)


def _elements(launch: Launch) -> Elements | None:
    if not launch.elements:
        return None
    array = launch.spec.array
    return Elements(
        indices=tuple(range(len(launch.elements))),
        at_once=None if array is None else array.at_once,
    )


def tags_of(launch: Launch) -> list[Tag]:
    """Give the attempts that a launch is for."""
    return [element.tag for element in launch.elements] or [launch.tag]


def _refused(launch: Launch, message: str) -> list[Refusal]:
    return [Refusal(tag=tag, message=message) for tag in tags_of(launch)]
