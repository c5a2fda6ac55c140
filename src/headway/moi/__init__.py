"""What programs of moi (mustached-octo-ironman) imported, for a Headway server: `moi` becomes `headway.moi` in their imports.

from headway.moi.job import submit_nouser

def hello(**kwargs):
    return "hi!"

submit_nouser(hello)

The server is found as everywhere: HEADWAY_URL, or the user's own running one. $MOI_CONFIG_FP is read where it is set, and need
not be. Nothing connects before something is asked for. Needs cloudpickle to submit: ``pip install 'headway[functions]'``.
"""

from importlib import import_module
from typing import Any, Final

_PLACES: Final = {
    "AsyncResult": "headway.moi.job",
    "Context": "headway.moi.contexts",
    "Group": "headway.moi.group",
    "create_info": "headway.moi.group",
    "ctxs": "headway.moi.contexts",
    "get_id_from_user": "headway.moi.group",
    "get_user_from_id": "headway.moi.group",
    "moi_js": "headway.moi.support",
    "moi_list_js": "headway.moi.support",
    "r_client": "headway.moi.keys",
    "submit": "headway.moi.job",
    "submit_nouser": "headway.moi.job",
    "system_call": "headway.moi.system",
}

__all__ = [
    "AsyncResult",
    "Context",
    "Group",
    "create_info",
    "ctx_default",
    "ctxs",
    "get_id_from_user",
    "get_user_from_id",
    "moi_js",
    "moi_list_js",
    "r_client",
    "submit",
    "submit_nouser",
    "system_call",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401 -- any of the names above; __init__.pyi tells their types
    """Load a public name from where it lives; ``ctx_default`` is read from $MOI_CONFIG_FP when it is asked for."""
    if name == "ctx_default":
        return import_module("headway.moi.contexts").default_context()
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_PLACES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names."""
    return sorted({*globals(), *__all__})
