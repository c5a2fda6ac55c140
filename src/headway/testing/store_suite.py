"""What a Store is: subclass ``StoreSuite``, give a fixture ``store`` (an empty one), and pytest runs these."""

import pytest

from headway.testing.store_callbacks import Callbacks
from headway.testing.store_groups import Grouping
from headway.testing.store_progress import Counters, Progress
from headway.testing.store_reads import Events, Pages
from headway.testing.store_retention import Forgetting
from headway.testing.store_search import Searching
from headway.testing.store_writes import WritingJobs, WritingNames


class StoreSuite(
    WritingJobs,
    WritingNames,
    Progress,
    Counters,
    Pages,
    Events,
    Callbacks,
    Searching,
    Grouping,
    Forgetting,
):
    """All promises of headway.core.ports.store. Tests run in an event loop of anyio's plugin for pytest."""

    pytestmark = pytest.mark.anyio
