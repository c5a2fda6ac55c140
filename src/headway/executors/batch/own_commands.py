"""Jobs whose command gives them to the scheduler itself, and prints the id: a script that calls sbatch, bsub or qsub."""

from typing import Final

from headway.core.errors import (
    ExecutorRejected,
    ExecutorSlow,
    ExecutorUnavailable,
    InvalidRequest,
)
from headway.core.ports.executor import Launch
from headway.executors.batch import place
from headway.executors.batch.command import Command
from headway.executors.batch.entries import Followed
from headway.executors.batch.script import Told, job_script
from headway.executors.batch.site import Site
from headway.executors.batch.transport import File

LIMIT_S: Final = 120.0  #: such a script may have to wait for its scheduler
_ID: Final = "%J"
_SHOWN_LINES: Final = 3


class OwnCommands:
    """Runs submitting commands where the scheduler's own commands are run, once each."""

    def __init__(self, site: Site) -> None:
        self._dialect = site.dialect
        self._transport = site.transport
        self._places = site.places
        self._records = site.records
        self._clock = site.clock

    def file_of(self, launch: Launch) -> File:
        """Give the script that becomes the command.

        Raises:
            InvalidRequest: it can never run; or it is one of an array, which has no command of its own.
        """
        submits = launch.spec.submits
        if launch.elements or launch.spec.array is not None:
            raise InvalidRequest(
                "submits: a command that submits a job itself cannot be an array", field="submits"
            )
        if submits is not None and submits.log is not None and not submits.log.startswith("/"):
            raise InvalidRequest(
                f"submits.log: {submits.log!r} must begin with '/'", field="submits.log"
            )
        data = job_script(
            launch.spec, launch.environment, told=Told(), variables=self._dialect.variables
        )
        return File(path=self._places.file(launch.tag, place.JOB), data=data)

    async def run(self, launch: Launch) -> Followed:
        """Run a command; gives the job that it has submitted.

        Raises:
            ExecutorRejected: it printed no id, or was run before: nobody knows what that run has submitted.
            ExecutorUnavailable: it was not run.
        """
        tag = launch.tag
        if not await self._records.begin_submitting(tag):
            raise ExecutorRejected(_UNKNOWN.format("was cut off"))
        home = self._places.of(tag)
        command = Command(
            argv=("/bin/sh", self._places.file(tag, place.JOB)),
            environment={"HEADWAY_PLACE": home},
            limit_s=LIMIT_S,
        )
        try:
            output = await self._transport.run(command)
        except ExecutorSlow:
            raise ExecutorRejected(_UNKNOWN.format(f"did not end in {LIMIT_S:g} s")) from None
        except ExecutorUnavailable as error:
            raise ExecutorRejected(_UNKNOWN.format(f"could not be followed ({error})")) from None
        native_id = self._dialect.printed(output.text)
        if native_id is None:
            last = " / ".join(output.text.strip().splitlines()[-_SHOWN_LINES:])
            said = output.complaint if output.stderr.strip() else last or "nothing"
            raise ExecutorRejected(
                f"the command ended with exit code {output.exit_code} and printed no id of a job of"
                f" {self._dialect.name}; it said: {said[:500]}"
            )
        log = launch.spec.submits.log if launch.spec.submits else None
        return Followed(native_id, self._clock.now(), (log or "").replace(_ID, native_id))


_UNKNOWN: Final = "the command that submits it {}; whether it has submitted a job is not known, so it is not run again: look into the queue"
