"""The runner as one text that travels with each task, so that workers need nothing of Headway."""

import base64
import hashlib
import json
import zlib
from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final

_FUNCTIONS: Final = "headway.executors.functions"
_PLACES: Final = ("headway.executors.functions.engines.remote", _FUNCTIONS, "headway.lib")
_MODULES: Final = (
    "headway.lib.job_cancelled",
    f"{_FUNCTIONS}.raised",
    f"{_FUNCTIONS}.returned",
    f"{_FUNCTIONS}.posting",
    f"{_FUNCTIONS}.spooling",
    f"{_FUNCTIONS}.reports",
    f"{_FUNCTIONS}.injected",
    f"{_FUNCTIONS}.surroundings",
    f"{_FUNCTIONS}.shell",
    f"{_FUNCTIONS}.runner",
    f"{_FUNCTIONS}.engines.remote.inside",
)


@cache
def bundle() -> tuple[str, bytes]:
    """Give the name of the package that workers make of it, which no installed one has, and its modules, compressed."""
    sources = {name.rpartition(".")[2]: _source(name) for name in _MODULES}
    digest = hashlib.sha256(json.dumps(sources).encode()).hexdigest()[:12]
    package = f"headway_functions_{digest}"
    for module, text in sources.items():
        for place in _PLACES:
            text = text.replace(place, package)  # noqa: PLW2901 -- one after the other
        sources[module] = text
    return package, zlib.compress(json.dumps(sources).encode(), 9)


def _source(name: str) -> str:
    found = find_spec(name)
    if found is None or found.origin is None:
        raise ModuleNotFoundError(f"there is no source of {name}: Headway was installed without it")
    return Path(found.origin).read_text("utf-8")


def perform(package: str, modules: bytes, order: bytes, pickled: bytes, how: str) -> str:
    """Run an attempt in a worker; gives JSON: what ``inside.work`` gives. Pickled by value, so it imports by itself."""
    import importlib  # noqa: PLC0415
    import json  # noqa: PLC0415
    import sys  # noqa: PLC0415
    import types  # noqa: PLC0415
    import zlib  # noqa: PLC0415

    if package not in sys.modules:
        root = types.ModuleType(package)
        root.__path__ = []
        for name, text in json.loads(zlib.decompress(modules)).items():
            module = types.ModuleType(f"{package}.{name}")
            # The name by which the runner knows its own lines in a traceback.
            code = compile(text, f"/headway/executors/functions/{name}.py", "exec")
            sys.modules[f"{package}.{name}"] = module
            sys.modules[package] = root
            exec(code, module.__dict__)  # noqa: S102 -- Headway's own code
            setattr(root, name, module)
    inside = importlib.import_module(f"{package}.inside")
    return json.dumps(inside.work(json.loads(order), pickled, json.loads(how)))


def packed(parts: Sequence[bytes]) -> list[str]:
    """Give bytes as JSON takes them."""
    return [base64.b64encode(part).decode() for part in parts]
