from headway.core.errors import Conflict as Conflict
from headway.core.errors import ExecutorRejected as ExecutorRejected
from headway.core.errors import ExecutorSlow as ExecutorSlow
from headway.core.errors import ExecutorUnavailable as ExecutorUnavailable
from headway.core.errors import Forbidden as Forbidden
from headway.core.errors import HeadwayError as HeadwayError
from headway.core.errors import InFlight as InFlight
from headway.core.errors import InvalidRequest as InvalidRequest
from headway.core.errors import KeyReused as KeyReused
from headway.core.errors import NotFound as NotFound
from headway.core.errors import PreconditionFailed as PreconditionFailed
from headway.core.errors import ServerUnreachable as ServerUnreachable
from headway.core.errors import StagingFailed as StagingFailed
from headway.core.errors import StorageFull as StorageFull
from headway.core.errors import TimedOut as TimedOut
from headway.core.errors import TooLarge as TooLarge
from headway.core.errors import TooMany as TooMany
from headway.core.errors import Unauthenticated as Unauthenticated
from headway.core.errors import UnsupportedMediaType as UnsupportedMediaType
from headway.core.model.state import State as State
from headway.lib.mac_auth import MacCredentials as MacCredentials
from headway.sdk.aio import AsyncClient as AsyncClient
from headway.sdk.bar import tqdm as tqdm
from headway.sdk.bar import trange as trange
from headway.sdk.client import Client as Client
from headway.sdk.model import Bulk as Bulk
from headway.sdk.model import CountersChange as CountersChange
from headway.sdk.model import Event as Event
from headway.sdk.model import EventChange as EventChange
from headway.sdk.model import Frame as Frame
from headway.sdk.model import JobChange as JobChange
from headway.sdk.model import JobDocument as JobDocument
from headway.sdk.model import JobSummary as JobSummary
from headway.sdk.model import Reset as Reset
from headway.sdk.model import Worker as Worker
from headway.sdk.model import WorkerChange as WorkerChange
from headway.sdk.receiver import MacVerifier as MacVerifier
from headway.sdk.receiver import WebhookVerifier as WebhookVerifier
from headway.sdk.worker import counters as counters
from headway.sdk.worker import progress as progress
from headway.sdk.worker import status as status

__all__ = [
    "AsyncClient",
    "Bulk",
    "Client",
    "Conflict",
    "CountersChange",
    "Event",
    "EventChange",
    "ExecutorRejected",
    "ExecutorSlow",
    "ExecutorUnavailable",
    "Forbidden",
    "Frame",
    "HeadwayError",
    "InFlight",
    "InvalidRequest",
    "JobChange",
    "JobDocument",
    "JobSummary",
    "KeyReused",
    "MacCredentials",
    "MacVerifier",
    "NotFound",
    "PreconditionFailed",
    "Reset",
    "ServerUnreachable",
    "StagingFailed",
    "State",
    "StorageFull",
    "TimedOut",
    "TooLarge",
    "TooMany",
    "Unauthenticated",
    "UnsupportedMediaType",
    "WebhookVerifier",
    "Worker",
    "WorkerChange",
    "counters",
    "progress",
    "status",
    "tqdm",
    "trange",
]
