"""What is known of why a job is where it is."""

from collections.abc import Mapping

import msgspec

from headway.core.model.job import Attempt, Job
from headway.core.ports.executor import Explanation
from headway.views.clean import clean
from headway.views.scheduler_hints import SCHEDULERS


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of why a job is where it is.

    Attributes:
        kind: which executor its cluster is: ``slurm``; "" for none.
        native: what the executor says of it now.
        attempt: how the present attempt went, as far as it came.
        trouble: what is wrong with the cluster now, in the server's words.
        elements: of an array, how many are in each state; ``native`` is then one element's.
        comes_after: jobs that have to succeed before it is handed over, and have not yet.
        runs_as: the account that it runs as, or ran; "" where that is not known.
    """

    job: Job
    kind: str = ""
    native: Explanation | None = None
    attempt: Attempt | None = None
    trouble: str = ""
    elements: Mapping[str, int] = msgspec.field(default_factory=dict)
    comes_after: tuple[Job, ...] = ()
    runs_as: str = ""

    @property
    def said(self) -> str:
        """The scheduler's own words for why, kept from before where it says nothing now."""
        if self.native is not None and self.native.why:
            return self.native.why
        return self.attempt.message if self.attempt and not self.job.state.is_final else ""

    @property
    def word(self) -> str:
        """The scheduler's own word for the state."""
        if self.native is not None:
            return self.native.word
        return self.attempt.native_state if self.attempt is not None else ""

    @property
    def scheduler(self) -> str:
        """What people call the scheduler."""
        cluster = clean(self.job.cluster or "")
        return SCHEDULERS.get(self.kind) or f"the cluster {cluster}".rstrip()

    @property
    def host(self) -> str:
        """Where it runs or ran; "" where nobody said."""
        if self.native is not None and self.native.host:
            return clean(self.native.host)
        return clean(self.attempt.host) if self.attempt is not None else ""
