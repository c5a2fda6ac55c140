"""Executors that run each job as an account of its owner's."""

from typing import Protocol, runtime_checkable

from headway.core.model.names import Tag


@runtime_checkable
class RunsAsOwners(Protocol):
    """What such an executor can tell beside what all can."""

    def account_of(self, tag: Tag) -> str | None:
        """Give the account that an attempt was handed over as; None before that, and when it is forgotten."""
        ...
