"""What may be said about a function's job."""

from collections.abc import Mapping, Sequence
from typing import TypedDict

from headway.lib.jsonvalue import JsonObject


class FunctionOptions(TypedDict, total=False):
    """All that may be said beside the function and its arguments.

    ``rerun``: how often it may be run again when nobody can tell how far it came; 0 for never.
    ``groups``: where the job is to be found in the tree of groups.
    ``directory``: where it runs; without one in an empty one of its own.
    ``attributes``: such as ``{"duration": 60}``, its wall-time limit in seconds.
    """

    cluster: str
    name: str
    labels: Sequence[str]
    groups: Sequence[str]
    rerun: int
    directory: str
    environment: Mapping[str, str]
    inherit_environment: bool
    resources: JsonObject
    attributes: JsonObject
    extra: JsonObject
    parent: str
    url: str
    max_age_s: float
    callbacks: Sequence[JsonObject]
