"""Executors that can make ready for an attempt while its job is being stored."""

from typing import Protocol, runtime_checkable

from headway.core.ports.executor import Launch


@runtime_checkable
class Expects(Protocol):
    """What such an executor can do beside what all can."""

    def may_expect(self) -> bool:
        """Tell whether it is worth while now."""
        ...

    def expect(self, launch: Launch) -> None:
        """Make ready for an attempt that will be submitted as soon as its job is stored, and may never be. Starts nothing.

        At once, and without an answer: whatever comes of it, the attempt is submitted as any other, by this very value if
        that is still what is to be started.
        """
        ...
