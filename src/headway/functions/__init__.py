"""Python functions as jobs: submitted here, run on a cluster, and awaited like any future.

from headway.functions import FunctionsExecutor, as_completed

with FunctionsExecutor() as functions:
    futures = [functions.submit(pow, 2, n) for n in range(100)]
    for future in as_completed(futures):
        print(future.result())

Needs cloudpickle: ``pip install 'headway[functions]'``.
"""

from headway.functions.collecting import as_completed, wait
from headway.functions.default import connect, map, submit  # noqa: A004 -- the field's own word
from headway.functions.errors import RemoteError
from headway.functions.executor import FunctionsExecutor
from headway.functions.future import Future
from headway.functions.options import FunctionOptions
from headway.functions.unread import Unread

__all__ = [
    "FunctionOptions",
    "FunctionsExecutor",
    "Future",
    "RemoteError",
    "Unread",
    "as_completed",
    "connect",
    "map",
    "submit",
    "wait",
]
