"""How far the copying is: written by the thread that copies, read and stopped by the event loop."""

from headway.files.refusal import Stopped


class Meter:
    """Bytes copied so far and in all."""

    def __init__(self) -> None:
        self.done_bytes = 0
        self._expected_bytes = 0
        self._stops = False

    @property
    def total_bytes(self) -> int:
        """As far as is known; never less than what is done."""
        return max(self._expected_bytes, self.done_bytes)

    def expect(self, size_bytes: int) -> None:
        """Hear of something that is to be copied."""
        self._expected_bytes += size_bytes

    def add(self, size_bytes: int) -> None:
        """Hear of bytes that were copied, or of none at all: now is a good moment to stop.

        Raises:
            Stopped: somebody called ``stop``.
        """
        self.done_bytes += size_bytes
        if self._stops:
            raise Stopped

    def stop(self) -> None:
        """Have the copying stop at its next moment."""
        self._stops = True
