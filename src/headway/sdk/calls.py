"""The calls of Client that are a request and its answer, or a few of them after each other."""

import secrets
from collections.abc import Iterator, Sequence
from typing import Unpack

from headway.lib.jsonvalue import JsonObject
from headway.sdk import answers, model, requests
from headway.sdk.group_calls import GroupCalls
from headway.sdk.pages import Pages
from headway.sdk.specs import (
    Edits,
    Finish,
    JobOptions,
    Selection,
    Sought,
    command_spec,
    edits_of,
    report_spec,
)


class Calls(GroupCalls):
    """What can be asked of a server. How a request is sent is for the class that is made."""

    def submit(
        self, command: Sequence[str], *, key: str | None = None, **options: Unpack[JobOptions]
    ) -> model.JobDocument:
        """Submit a command; once this returns, the server will not lose it.

        Args:
            command: program and arguments, no shell line.
            key: an idempotency key: the same key gives the same job again. Without one, one is made up, so that an
                answer lost on its way does not make two jobs.
        """
        request = requests.submit(command_spec(command, options), key=key or secrets.token_hex(16))
        return answers.job(self.send(request))

    def submit_report(
        self, *, key: str | None = None, will_finish: bool = True, **options: Unpack[JobOptions]
    ) -> model.JobDocument:
        """Make a job that runs elsewhere and only reports.

        Args:
            will_finish: somebody will call ``finish``; else it has ended when all its workers have.
        """
        spec = report_spec(options, will_finish=will_finish)
        request = requests.submit(spec, key=key or secrets.token_hex(16))
        return answers.job(self.send(request))

    def job(self, ref: str | int) -> model.JobDocument:
        """Give a job by its UUID or its number."""
        return answers.job(self.send(requests.job(str(ref))))

    def why(self, ref: str | int) -> model.Why:
        """Tell why a job waits, or how it failed, and what to do."""
        return answers.why(self.send(requests.why(str(ref))))

    def native(self, ref: str | int, *, attempt: int | None = None) -> str:
        """Give all that the scheduler itself has to say of a job: ``scontrol show job``; NotFound when it has nothing."""
        return answers.native(self.send(requests.native(str(ref), attempt=attempt)))

    def jobs(
        self, *, limit: int | None = None, **selection: Unpack[Selection]
    ) -> Iterator[model.JobSummary]:
        """Give the jobs that fit, newest first, asking for pages as they are needed; at most ``limit``."""
        pages = Pages(limit)
        while not pages.are_done:
            request = requests.jobs(**selection, limit=pages.size, cursor=pages.cursor)
            page = answers.jobs(self.send(request))
            yield from page.jobs[: pages.left]
            pages.turn(len(page.jobs), page.next)

    def workers(self, ref: str | int) -> Iterator[model.Worker]:
        """Give a job's workers."""
        pages = Pages()
        while not pages.are_done:
            request = requests.workers(str(ref), limit=pages.size, cursor=pages.cursor)
            page = answers.workers(self.send(request))
            yield from page.workers
            pages.turn(len(page.workers), page.next)

    def report(
        self,
        ref: str | int,
        worker: str,
        *,
        current: float,
        total: float | None = None,
        ok: bool | None = None,
        desc: str | None = None,
    ) -> float:
        """Tell how far a worker is; gives the seconds after which the server would like to hear more."""
        request = requests.put_worker(
            str(ref), worker, current=current, total=total, ok=ok, desc=desc
        )
        return answers.next_report_s(self.send(request))

    def set_counters(self, ref: str | int, values: JsonObject, *, replace: bool = False) -> None:
        """Set counters: key to value, to ``[value, colour]``, or to None, which removes it."""
        self.send(requests.counters(str(ref), values, replace=replace))

    def set_status_text(self, ref: str | int, text: str) -> None:
        """Set a job's free words."""
        self.send(requests.status_text(str(ref), text))

    def change_labels(
        self, ref: str | int, *, add: Sequence[str] = (), remove: Sequence[str] = ()
    ) -> model.JobDocument:
        """Add and remove labels."""
        return answers.job(self.send(requests.labels(str(ref), add=add, remove=remove)))

    def cancel(self, ref: str | int) -> model.JobDocument:
        """Ask for a job to be cancelled; it may end a little later, or by itself before that."""
        return answers.job(self.send(requests.cancel(str(ref))))

    def retry(self, ref: str | int) -> model.JobDocument:
        """Have an ended job run again, as its next attempt; its progress and counters begin anew."""
        return answers.job(self.send(requests.retry(str(ref))))

    def clone(
        self, ref: str | int, *, key: str | None = None, **edits: Unpack[Edits]
    ) -> model.JobDocument:
        """Submit a new job like this one; each edit replaces the original's whole value.

        Args:
            key: an idempotency key, as for ``submit``.
        """
        request = requests.clone(str(ref), edits_of(edits), key=key or secrets.token_hex(16))
        return answers.job(self.send(request))

    def hide(self, ref: str | int) -> model.JobDocument:
        """Leave a job out of lists; nothing else happens to it."""
        return answers.job(self.send(requests.hide(str(ref), hidden=True)))

    def unhide(self, ref: str | int) -> model.JobDocument:
        """Take a hidden job into lists again."""
        return answers.job(self.send(requests.hide(str(ref), hidden=False)))

    def bulk(
        self,
        action: str,
        refs: Sequence[str | int] | None = None,
        *,
        q: str | None = None,
        add: Sequence[str] = (),
        remove: Sequence[str] = (),
        dry_run: bool = False,
    ) -> model.Bulk:
        """Do one action to many jobs, at most 1,000: those of ``refs``, or those that the query ``q`` finds.

        Args:
            action: ``cancel``, ``retry``, ``hide``, ``unhide``, or ``label`` with ``add`` and ``remove``.
            dry_run: tell what would be done, and do nothing.
        """
        ids = None if refs is None else [str(ref) for ref in refs]
        request = requests.bulk(action, ids=ids, q=q, add=add, remove=remove, dry_run=dry_run)
        return answers.bulk(self.send(request))

    def finish(self, ref: str | int, **how: Unpack[Finish]) -> model.JobDocument:
        """Say that a job that only reports has ended; with neither exit code nor signal it has succeeded."""
        return answers.job(self.send(requests.finish(str(ref), **how)))

    def events(self, ref: str | int, *, after: int = 0) -> Iterator[model.Event]:
        """Give what has happened to a job so far, oldest first."""
        known: int | None = after
        while known is not None:
            page = answers.events(self.send(requests.job_events(str(ref), after=known)))
            yield from page.events
            known = page.next

    def log(
        self,
        ref: str | int,
        stream: str = "stdout",
        *,
        tail: str | None = None,
        attempt: int | None = None,
    ) -> bytes:
        """Give what a job has written so far, or its ``tail`` (``"4096"`` bytes or ``"20l"`` lines)."""
        return self.send(requests.log(str(ref), stream, tail=tail, attempt=attempt)).body

    def log_lines(
        self,
        ref: str | int,
        stream: str = "stdout",
        *,
        first: int = 1,
        count: int | None = None,
        attempt: int | None = None,
    ) -> model.LogLines:
        """Give lines of what a job has written so far, by their numbers, as text.

        Args:
            first: from 1; -1 is the last line, -2 that before it.
            count: at most 5,000; fewer come when they are more than about 4 MB.
        """
        request = requests.log_lines(str(ref), stream, first=first, count=count, attempt=attempt)
        return answers.log_lines(self.send(request))

    def search_log(
        self,
        ref: str | int,
        stream: str = "stdout",
        *,
        after: int = 0,
        **sought: Unpack[Sought],
    ) -> Iterator[model.LogMatch]:
        """Give the lines behind line ``after`` that match, of what a job has written; searched as they are taken."""
        going_on: int | None = after
        while going_on is not None:
            request = requests.search_log(str(ref), stream, after=going_on, **sought)
            found = answers.log_matches(self.send(request))
            yield from found.matches
            going_on = found.next

    def make_link(
        self, ref: str | int, what: str = "page", *, expires_in_s: float | None = None
    ) -> model.Link:
        """Make an address that shows a job to whoever has it, until it expires; it cannot be called back.

        Args:
            what: ``page``, ``png``, ``svg``, ``badge`` or ``log``.
            expires_in_s: seven days when not given, at most 366.
        """
        request = requests.make_link(str(ref), what=what, expires_in_s=expires_in_s)
        return answers.link(self.send(request))

    def deliveries(
        self, ref: str | int | None = None, *, states: Sequence[str] = (), limit: int | None = None
    ) -> Iterator[model.Delivery]:
        """Give what the callbacks of a job were told, or those of all jobs: the newest event first, at most ``limit``."""
        pages = Pages(limit)
        of_job = None if ref is None else str(ref)
        while not pages.are_done:
            request = requests.deliveries(
                of_job, states=states, limit=pages.size, cursor=pages.cursor
            )
            page = answers.deliveries(self.send(request))
            yield from page.deliveries[: pages.left]
            pages.turn(len(page.deliveries), page.next)

    def replay(self, event: int, callback: int = 0) -> model.Delivery:
        """Have a callback told an event again, whatever came of it before."""
        return answers.delivery(self.send(requests.replay(event, callback)))

    def drop(self, event: int, callback: int = 0) -> model.Delivery:
        """Give up telling a callback an event."""
        return answers.delivery(self.send(requests.drop(event, callback)))

    def filters(self) -> tuple[model.SavedFilter, ...]:
        """List your saved filters."""
        return answers.filters(self.send(requests.filters()))

    def save_filter(self, name: str, q: str) -> None:
        """Keep a query under a name, in place of what had that name."""
        self.send(requests.save_filter(name, q))

    def delete_filter(self, name: str) -> None:
        """Forget a saved filter."""
        self.send(requests.delete_filter(name))

    def tokens(self) -> tuple[model.Token, ...]:
        """List tokens, without their secrets."""
        return answers.tokens(self.send(requests.tokens()))

    def create_token(
        self,
        scopes: Sequence[str],
        *,
        user: str | None = None,
        note: str | None = None,
        expires_in_s: float | None = None,
    ) -> model.CreatedToken:
        """Make a token; its secret is told only here."""
        request = requests.create_token(scopes, user=user, note=note, expires_in_s=expires_in_s)
        return answers.created_token(self.send(request))

    def revoke_token(self, token_id: str) -> None:
        """Make a token worthless."""
        self.send(requests.revoke_token(token_id))

    def whoami(self) -> model.Identity:
        """Tell who the server takes this client for."""
        return answers.identity(self.send(requests.whoami()))
