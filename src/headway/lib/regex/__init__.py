r"""Regular expressions over lines of bytes, in time that grows with the text alone: nothing here goes back.

What is understood is a subset of Python's: characters, ``.``, classes, groups, ``|``, ``* + ? {m,n}``, ``^ $ \b \B``
and ``\d \w \s`` with their opposites, all as with ``re.ASCII``. What needs going back (back-references, looking ahead or
behind, possessive repeats) is refused with words.
"""

from headway.lib.regex.parse import PatternError
from headway.lib.regex.pattern import Pattern, Span

__all__ = ["Pattern", "PatternError", "Span"]
