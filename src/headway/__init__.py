"""Watch, run and find long jobs: one server, many protocols.

What is imported from here is the public API; everything else may change without notice. A name is loaded when it is first
used: ``import headway`` alone loads nothing but this table.
"""

from importlib import import_module
from typing import Any, Final

_PLACES: Final = {
    "AsyncClient": "headway.sdk.aio",
    "Bulk": "headway.sdk.model",
    "Client": "headway.sdk.client",
    "Conflict": "headway.core.errors",
    "CountersChange": "headway.sdk.model",
    "Event": "headway.sdk.model",
    "EventChange": "headway.sdk.model",
    "ExecutorRejected": "headway.core.errors",
    "ExecutorSlow": "headway.core.errors",
    "ExecutorUnavailable": "headway.core.errors",
    "Forbidden": "headway.core.errors",
    "Frame": "headway.sdk.model",
    "HeadwayError": "headway.core.errors",
    "InFlight": "headway.core.errors",
    "InvalidRequest": "headway.core.errors",
    "JobChange": "headway.sdk.model",
    "JobDocument": "headway.sdk.model",
    "JobSummary": "headway.sdk.model",
    "KeyReused": "headway.core.errors",
    "MacCredentials": "headway.lib.mac_auth",
    "MacVerifier": "headway.sdk.receiver",
    "NotFound": "headway.core.errors",
    "PreconditionFailed": "headway.core.errors",
    "Reset": "headway.sdk.model",
    "ServerUnreachable": "headway.core.errors",
    "StagingFailed": "headway.core.errors",
    "State": "headway.core.model.state",
    "StorageFull": "headway.core.errors",
    "TimedOut": "headway.core.errors",
    "TooLarge": "headway.core.errors",
    "TooMany": "headway.core.errors",
    "Unauthenticated": "headway.core.errors",
    "UnsupportedMediaType": "headway.core.errors",
    "WebhookVerifier": "headway.sdk.receiver",
    "Worker": "headway.sdk.model",
    "WorkerChange": "headway.sdk.model",
    "counters": "headway.sdk.worker",
    "progress": "headway.sdk.worker",
    "status": "headway.sdk.worker",
    "tqdm": "headway.sdk.bar",
    "trange": "headway.sdk.bar",
}

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


def __getattr__(name: str) -> Any:  # noqa: ANN401 -- any of the names above; __init__.pyi tells their types
    """Load a public name from where it lives."""
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_PLACES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names."""
    return sorted({*globals(), *__all__})
