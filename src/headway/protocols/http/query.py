"""Reading a query string: each parameter once, known, and of its kind; errors name the parameter."""

import difflib
import math
import re
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Final, Self
from urllib.parse import parse_qsl

from headway.core.errors import InvalidRequest
from headway.lib.asgi import Scope

MOST_PARAMETERS: Final = 200
LONGEST_TEXT: Final = 4096
_LONGEST_SHOWN: Final = 60
_INTEGER: Final = re.compile(r"[+-]?[0-9]{1,18}", re.ASCII)
_NUMBER: Final = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?", re.ASCII)
_FLAGS: Final[Mapping[str, bool]] = {
    "1": True,
    "true": True,
    "yes": True,
    "on": True,
    "": True,
    "0": False,
    "false": False,
    "no": False,
    "off": False,
}


class Query:
    """A request's query parameters. Reading one that cannot be used raises InvalidRequest with its name as ``field``."""

    def __init__(self, values: Mapping[str, list[str]]) -> None:
        self._values = values

    @classmethod
    def of(
        cls,
        scope: Scope,
        *,
        known: Collection[str] | None = None,
        repeatable: Collection[str] = (),
    ) -> Self:
        """Read a request's query string.

        Args:
            known: the names that there are, ``repeatable`` ones aside; None accepts any.
            repeatable: names that may come more than once (see ``texts``).

        Raises:
            InvalidRequest: a name that is not known, one that came twice, bytes that are not UTF-8, or more parameters than
                anybody means.
        """
        raw: bytes = scope.get("query_string", b"")
        if not raw:
            return cls({})
        values: dict[str, list[str]] = {}
        for name, value in _pairs(raw):
            values.setdefault(name, []).append(value)
        for name, given in values.items():
            if name in repeatable:
                continue
            if known is not None and name not in known:
                raise _unknown(name, [*known, *repeatable])
            if len(given) > 1:
                raise InvalidRequest(
                    f"{name} was given {len(given)} times; once is meant", field=name
                )
        return cls(values)

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def names(self) -> list[str]:
        """List the names that were given, in their order."""
        return list(self._values)

    def texts(self, name: str) -> list[str]:
        """Give every value of a repeatable parameter, in their order."""
        return [_short(name, text) for text in self._values.get(name, [])]

    def text(self, name: str, *, longest: int = LONGEST_TEXT) -> str | None:
        """Give a parameter as it is, None without one."""
        given = self._values.get(name)
        return None if given is None else _short(name, given[0], longest)

    def required(self, name: str, *, longest: int = LONGEST_TEXT) -> str:
        """Give a parameter that must be there and not be empty."""
        text = self.text(name, longest=longest)
        if text is None:
            raise InvalidRequest(f"{name} is missing", field=name)
        if not text:
            raise InvalidRequest(f"{name} must not be empty", field=name)
        return text

    def integer(self, name: str, *, least: int, most: int) -> int | None:
        """Give a parameter as an integer within ``least`` and ``most``, both allowed."""
        text = self.text(name)
        if text is None:
            return None
        if not _INTEGER.fullmatch(text) or not least <= int(text) <= most:
            raise InvalidRequest(
                f"{name} must be an integer from {least} to {most}, not {_shown(text)}", field=name
            )
        return int(text)

    def number(
        self, name: str, *, least: float = -math.inf, most: float = math.inf
    ) -> float | None:
        """Give a parameter as a finite number within ``least`` and ``most``, both allowed."""
        text = self.text(name)
        if text is None:
            return None
        number = float(text) if _NUMBER.fullmatch(text) else math.nan
        if not math.isfinite(number) or not least <= number <= most:
            wanted = _range_words(least, most)
            raise InvalidRequest(f"{name} must be {wanted}, not {_shown(text)}", field=name)
        return number

    def flag(self, name: str) -> bool:
        """Give a parameter as yes or no: 1, true, yes, on or nothing after its name; without it, no."""
        text = self.text(name)
        if text is None:
            return False
        try:
            return _FLAGS[text.lower()]
        except KeyError:
            raise InvalidRequest(
                f"{name} must be true or false, not {_shown(text)}", field=name
            ) from None

    def time(self, name: str) -> datetime | None:
        """Give a parameter as an aware time (RFC 3339)."""
        text = self.text(name)
        if text is None:
            return None
        try:
            # A + that was not escaped came as a space.
            time = datetime.fromisoformat(text.replace(" ", "+") if text.count(":") > 1 else text)
        except ValueError:
            time = None
        if time is None or time.tzinfo is None:
            raise InvalidRequest(
                f"{name} must be a time with its zone, as 2026-01-31T12:00:00Z, not {_shown(text)}",
                field=name,
            )
        return time


def _pairs(raw: bytes) -> list[tuple[str, str]]:
    if raw.count(b"&") >= MOST_PARAMETERS:
        raise InvalidRequest(
            f"a query may have at most {MOST_PARAMETERS} parameters", field="query"
        )
    try:
        return parse_qsl(
            raw.decode("ascii"), keep_blank_values=True, encoding="utf-8", errors="strict"
        )
    except UnicodeDecodeError:
        raise InvalidRequest("the query must be UTF-8, percent-encoded", field="query") from None


def _unknown(name: str, known: Collection[str]) -> InvalidRequest:
    close = difflib.get_close_matches(name, known, n=1)
    hint = f"did you mean {close[0]}?" if close else f"known: {', '.join(sorted(known)) or 'none'}"
    return InvalidRequest(f"there is no parameter {_shown(name)}; {hint}", field=name[:100])


def _short(name: str, text: str, longest: int = LONGEST_TEXT) -> str:
    if len(text) > longest:
        raise InvalidRequest(
            f"{name} may have at most {longest} characters, not {len(text)}", field=name
        )
    return text


def _shown(text: str) -> str:
    return repr(text) if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]!r}…"


def _range_words(least: float, most: float) -> str:
    if least == -math.inf and most == math.inf:
        return "a finite number"
    if most == math.inf:
        return f"a finite number of {least:g} or more"
    if least == -math.inf:
        return f"a finite number of {most:g} or less"
    return f"a number from {least:g} to {most:g}"
