"""What a server tells, as typed values.

Keys that a newer server adds are passed over, and what an older one leaves out has a default. Times are aware, in UTC.
"""

from headway.sdk.model.access import (
    Cluster,
    ClusterTrouble,
    CreatedToken,
    Health,
    Identity,
    Link,
    SavedFilter,
    Token,
)
from headway.sdk.model.callbacks import Delivery, DeliveryPage, Try
from headway.sdk.model.functions import FunctionEnd, FunctionEnds
from headway.sdk.model.jobs import (
    Attempt,
    Bulk,
    Callback,
    CancelRequest,
    Counter,
    Efficiency,
    JobDocument,
    JobFailure,
    JobPage,
    JobSummary,
    NamedJob,
    NotDone,
    Origin,
    Usage,
    WorkerTally,
)
from headway.sdk.model.live import (
    Change,
    CountersChange,
    EventChange,
    Frame,
    GoneChange,
    JobChange,
    Reset,
    WorkerChange,
)
from headway.sdk.model.logs import (
    LogLines,
    LogMatch,
    LogMatches,
)
from headway.sdk.model.reports import (
    Event,
    EventPage,
    Worker,
    WorkerPage,
)
from headway.sdk.model.why import Why

__all__ = [
    "Attempt",
    "Bulk",
    "Callback",
    "CancelRequest",
    "Change",
    "Cluster",
    "ClusterTrouble",
    "Counter",
    "CountersChange",
    "CreatedToken",
    "Delivery",
    "DeliveryPage",
    "Efficiency",
    "Event",
    "EventChange",
    "EventPage",
    "Frame",
    "FunctionEnd",
    "FunctionEnds",
    "GoneChange",
    "Health",
    "Identity",
    "JobChange",
    "JobDocument",
    "JobFailure",
    "JobPage",
    "JobSummary",
    "Link",
    "LogLines",
    "LogMatch",
    "LogMatches",
    "NamedJob",
    "NotDone",
    "Origin",
    "Reset",
    "SavedFilter",
    "Token",
    "Try",
    "Usage",
    "Why",
    "Worker",
    "WorkerChange",
    "WorkerPage",
    "WorkerTally",
]
