"""The engine ``ipyparallel``."""

from dataclasses import dataclass
from importlib.util import find_spec
from typing import Final

from headway.core.errors import InvalidRequest
from headway.executors.functions.engine import Engine, Listener, Making
from headway.executors.functions.engines.remote.engine import RemoteEngine
from headway.executors.functions.engines.remote.settings import beat_s, text

if find_spec("ipyparallel") is None:
    raise ModuleNotFoundError("No module named 'ipyparallel'")


@dataclass(frozen=True, slots=True)
class IpyparallelPlugin:
    """Makes engines for ipyparallel clusters."""

    settings: tuple[str, ...] = ("profile", "cluster_id", "url_file", "beat_s")

    def make(self, making: Making, listener: Listener) -> Engine:
        """Make the engine.

        Settings:
            profile: of IPython, whose cluster it is (default: ``default``).
            cluster_id: of that profile's cluster, where it has one.
            url_file: the controller's ``ipcontroller-client.json``, in place of the two.
            beat_s: how often workers renew their claims, and so hear that they are to be cancelled (default 2).

        Raises:
            InvalidRequest: they are no texts, or a file and a profile are given.
        """
        told = {name: text(making.settings, name) for name in ("profile", "cluster_id", "url_file")}
        if told["url_file"] and (told["profile"] or told["cluster_id"]):
            raise InvalidRequest(
                "executors.functions: url_file stands in the place of profile and cluster_id; give one of them",
                field="url_file",
            )
        return RemoteEngine(
            making,
            listener,
            module="headway.executors.functions.engines.ipyparallel.grid",
            settings=told,
            beat_s=beat_s(making.settings),
        )


plugin: Final = IpyparallelPlugin()
