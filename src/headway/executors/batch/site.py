"""What the parts of a batch executor share."""

from typing import NamedTuple

from headway.core.ports.clock import Clock
from headway.executors.batch.dialect import Dialect
from headway.executors.batch.entries import Entries
from headway.executors.batch.place import Places
from headway.executors.batch.records import Records
from headway.executors.batch.transport import Transport


class Site(NamedTuple):
    """One scheduler, how it is reached, where attempts are there, and which of them are followed."""

    dialect: Dialect
    transport: Transport
    places: Places
    records: Records
    entries: Entries
    clock: Clock
