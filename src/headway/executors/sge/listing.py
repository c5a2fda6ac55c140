"""Reads ``qstat -xml -r``: all jobs that wait or run. One that has ended is left out at once."""

from collections.abc import Mapping
from hashlib import blake2b
from typing import Final

from headway.core.errors import ExecutorUnavailable
from headway.core.model.names import NativeId
from headway.executors.batch.command import Output
from headway.executors.batch.native import NativeJob
from headway.executors.sge.document import parse
from headway.executors.sge.rows import jobs_of

_WHAT: Final = "qstat"
_ROW: Final = "<job_list"
_ROW_END: Final = "</job_list>"


class Listing:
    """Reads listings one after the other. Most rows are as they were: those are read once, and known again by their digest.

    Args:
        words: what to call requests for resources, by their names in Grid Engine.
    """

    def __init__(self, words: Mapping[str, str]) -> None:
        self._words = words
        self._known: dict[bytes, tuple[NativeJob, ...]] = {}

    def read(self, output: Output) -> list[NativeJob]:
        """Read a listing; tasks of one array that wait together are one row of it, and told one by one here.

        Raises:
            ExecutorUnavailable: it is no listing, or not a whole one.
        """
        # In XML a "<" always begins a tag, so rows can be told apart before anything is parsed.
        first, *pieces = output.text.split(_ROW)
        unread, known = [first], self._known
        rows: list[tuple[bytes, tuple[NativeJob, ...] | None]] = []
        for piece in pieces:
            row, end, after = piece.partition(_ROW_END)
            digest = blake2b(row.encode(), digest_size=16).digest() if end else b""
            jobs = known.get(digest)
            rows.append((digest, jobs))
            unread += (_ROW, piece) if jobs is None else (after,)
        root = parse(output, what=_WHAT, root="job_info", text="".join(unread))
        if {"queue_info", "job_info"} - {child.tag for child in root}:
            raise ExecutorUnavailable("qstat gave an answer without its lists of jobs")
        try:
            new = [tuple(jobs_of(row, self._words)) for row in root.iter("job_list")]
        except ValueError as error:
            raise ExecutorUnavailable(f"qstat's listing cannot be read: {error}") from None
        if len(new) != sum(jobs is None for _, jobs in rows):
            raise ExecutorUnavailable("qstat's listing has rows in rows")
        each_new = iter(new)
        self._known = {digest: next(each_new) if jobs is None else jobs for digest, jobs in rows}
        found: dict[NativeId, NativeJob] = {}
        for jobs in self._known.values():
            for job in jobs:
                found.setdefault(job.id, job)  # with -g t, hosts of one parallel job are rows
        return list(found.values())
