"""JSON as a type.

``JsonValue`` is written without its recursion (a value inside a list or object is ``Any``): msgspec reads these types at
run time and knows no recursive alias.
"""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

JsonValue: TypeAlias = bool | int | float | str | Sequence[Any] | Mapping[str, Any] | None
JsonObject: TypeAlias = Mapping[str, Any]
