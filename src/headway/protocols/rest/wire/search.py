"""Saved filters and suggestions, as they go over the wire."""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from headway.core.model.saved_filter import SavedFilter
from headway.core.query.syntax import LONGEST
from headway.core.query.unfinished import Suggestion


class FilterBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A filter to keep."""

    q: Annotated[
        str, Meta(min_length=1, max_length=LONGEST, description="A query in the search grammar.")
    ]


class FilterDocument(msgspec.Struct, frozen=True, kw_only=True):
    """A saved filter."""

    name: str
    q: str
    created: datetime


class FiltersDocument(msgspec.Struct, frozen=True, kw_only=True):
    """One user's filters, in the order of their names."""

    filters: list[FilterDocument]


class SuggestionDocument(msgspec.Struct, frozen=True, kw_only=True):
    """One way to go on: the last word finished, what it is (`field`, or a field whose value it is), the whole query."""

    text: str
    kind: str
    q: str


class SuggestionsDocument(msgspec.Struct, frozen=True, kw_only=True):
    """What the last word of a query may become."""

    suggestions: list[SuggestionDocument]


def filter_document(saved: SavedFilter) -> FilterDocument:
    """Make a filter's document."""
    return FilterDocument(name=saved.name, q=saved.q, created=saved.created)


def suggestion_document(suggestion: Suggestion) -> SuggestionDocument:
    """Make a suggestion's document."""
    return SuggestionDocument(text=suggestion.text, kind=suggestion.kind, q=suggestion.q)
