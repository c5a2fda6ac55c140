"""A server in a thread of the test, whose one cluster runs functions where they arrive: quick, and with no process."""

import asyncio
import pickle
import threading
import time
import traceback
from collections.abc import Callable, Iterable
from typing import Any, Self

import cloudpickle
import msgspec

from headway.app.loops import Loops
from headway.app.server import serve
from headway.app.system import HmacSeal, SystemClock, SystemIds
from headway.app.trouble import Troubles
from headway.core.core import Core
from headway.core.model.job import JobError, Kind
from headway.core.model.names import Cluster
from headway.core.model.result import JSON, PICKLE, Returned
from headway.core.model.state import Reason, State
from headway.core.ports.executor import Launch, Observation
from headway.protocols.http.context import HttpContext
from headway.protocols.http.identity import IdentitySettings
from headway.protocols.http.live.hub import Hub
from headway.protocols.rest import plugin
from headway.stores.memory import MemoryStore
from headway.testing.fakes import FakeExecutor


class HereServer:
    """Headway's own core, protocol and loops over the store in memory. ``executor`` is what functions go to.

    ``stop`` and ``start`` are a restart: the store, the executor and the port stay.
    """

    def __init__(self) -> None:
        self.executor = FakeExecutor(then=runs)
        self.executor.kinds = {Kind.FUNCTION}
        self.url = ""
        self._port = 0
        self._core: Core | None = None
        self._stop: Callable[[], object] = lambda: None
        self._thread: threading.Thread | None = None

    def start(self) -> Self:
        ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve(ready)))
        self._thread.start()
        assert ready.wait(60), "the server did not start"
        return self

    def stop(self) -> None:
        self._stop()
        if self._thread is not None:
            self._thread.join()
        self._thread = None

    def launched(self) -> Launch:
        """Give the only attempt that was handed over, once it was."""
        until = time.monotonic() + 60
        while not self.executor.launches:
            assert time.monotonic() < until, "nothing was handed over"
            time.sleep(0.001)
        (launch,) = self.executor.launches.values()
        return launch

    def do(self, call: Callable[[], Any]) -> None:
        """Have something called in the server's thread."""
        self._loop.call_soon_threadsafe(call)

    async def _serve(self, ready: threading.Event) -> None:
        self._loop = asyncio.get_running_loop()
        stop = asyncio.Event()
        self._stop = lambda: self._loop.call_soon_threadsafe(stop.set)
        core = self._core = self._core or made(self.executor)
        context = HttpContext(identity=IdentitySettings(own_user="alice"), hub=Hub(core.store))
        loops = Loops(core, troubles=Troubles())
        loops.start()

        def tell(host: str, port: int) -> None:
            self._port, self.url = port, f"http://{host}:{port}"
            ready.set()

        await serve(plugin.make(core, context), port=self._port, on_ready=tell, stop=stop)
        await loops.stop()


def made(executor: FakeExecutor) -> Core:
    return Core(
        store=MemoryStore(),
        executors={Cluster("here"): executor},
        default_cluster=Cluster("here"),
        clock=SystemClock(),
        ids=SystemIds(),
        seal=HmacSeal(b"secret"),
        own_user="alice",
    )


def runs(launch: Launch) -> Iterable[Observation]:
    """Call the function at once; one that is told to hang begins and does not end."""
    function = launch.spec.function
    assert function is not None
    now = SystemClock().now()
    running = Observation(tag=launch.tag, state=State.RUNNING, at=now)
    try:
        called, args, kwargs = pickle.loads(function.pickled)
        if getattr(called, "__name__", "") == "hang":
            return [running]
        value = called(*args, **kwargs)
    except Exception as error:  # noqa: BLE001 -- whatever it raises is how it ended
        lines = "".join(traceback.format_exception(error))
        told = JobError(type=type(error).__name__, message=str(error), traceback=lines)
        return [running, _end(launch, State.FAILED, reason=Reason.EXCEPTION, error=told)]
    return [running, _end(launch, State.SUCCEEDED, result=returned(value))]


def returned(value: object) -> Returned:
    try:
        data = msgspec.json.encode(value)
        if msgspec.json.decode(data) == value:
            return Returned(data=data, media_type=JSON, type=type(value).__name__)
    except TypeError:
        pass
    data = cloudpickle.dumps(value)
    return Returned(data=data, media_type=PICKLE, type=type(value).__name__)


def cancelled(launch: Launch) -> Observation:
    return _end(launch, State.CANCELLED, reason=Reason.BY_USER)


def _end(launch: Launch, state: State, **more: Any) -> Observation:
    return Observation(tag=launch.tag, state=state, at=SystemClock().now(), **more)
