"""Writing TOML, as far as configuration needs it.

Source: TOML 1.0. A JSON string is a TOML string, but for U+007F.
"""

import json
from collections.abc import Mapping, Sequence


def toml_of(tables: Mapping[str, Mapping[str, object]]) -> str:
    """Give tables of plain values; a list of objects becomes an array of tables."""
    return "\n".join(_table(f"[{name}]", name, table) for name, table in tables.items())


def _table(head: str, name: str, table: Mapping[str, object]) -> str:
    plain = [f"{key} = {_value(value)}\n" for key, value in table.items() if not _nested(value)]
    inner = [
        _table(f"[[{name}.{key}]]", f"{name}.{key}", one)
        for key, value in table.items()
        for one in _nested(value)
    ]
    parts = [f"{head}\n{''.join(plain)}"] if plain or not inner else []
    return "\n".join([*parts, *inner])


def _nested(value: object) -> Sequence[Mapping[str, object]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def _value(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return json.dumps(value).replace("\x7f", "\\u007f")
