"""How long a batch executor bears silence before it concludes anything from it."""

from datetime import timedelta

import msgspec


class Patience(msgspec.Struct, frozen=True, kw_only=True):
    """Spans of silence.

    Attributes:
        record_late: network file systems show a new file so much later.
        word_late: a scheduler's word for why it killed a job comes by then.
        forgotten: a job that was never listed for so long never reached the scheduler's disk.
        lost: a job that nobody knows for so long is given up.
    """

    record_late: timedelta = timedelta(seconds=10)
    word_late: timedelta = timedelta(seconds=30)
    forgotten: timedelta = timedelta(seconds=30)
    lost: timedelta = timedelta(minutes=5)
