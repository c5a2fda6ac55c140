"""The types of single values, with their limits, as bodies and queries share them."""

import re
from typing import Annotated, Any, Final, TypeAlias

from msgspec import Meta

from headway.protocols.rest.wire.units import (
    DURATION_PATTERN,
    LONGEST_S,
    MEMORY_PATTERN,
    MOST_BYTES,
)

BODY_BYTES: Final = 1 << 20  #: all of a job, but for a function with its data
ARGV_BYTES: Final = 1_000_000  #: all of argv, and all of the environment
ARGUMENT_BYTES: Final = 131_071  #: Linux takes no longer word (MAX_ARG_STRLEN with its NUL)
MOST_LABELS: Final = 100
LONGEST_WORKER_ID: Final = 1000
UUID_PATTERN: Final = "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"
UUID: Final = re.compile(UUID_PATTERN[1:-1], re.ASCII)
URL_PATTERN: Final = "^https?://[^\\u0000-\\u0020\\u007f]+$"
URL: Final = re.compile(URL_PATTERN[1:-1])
ABSOLUTE_PATTERN: Final = "^/"
COLOUR: Final = re.compile("#[0-9a-fA-F]{3,8}|[a-zA-Z]{1,30}")


def _pattern(pattern: str, **more: object) -> dict[str, Any]:
    # Told to the reader of the schema and checked by our own code: msgspec would let "$" match before a last newline.
    return {"pattern": pattern, **more}


Count: TypeAlias = Annotated[int, Meta(ge=1, le=2**31 - 1)]
Label: TypeAlias = Annotated[str, Meta(min_length=1, max_length=200)]
Labels: TypeAlias = Annotated[list[Label], Meta(max_length=MOST_LABELS)]
Name: TypeAlias = Annotated[str, Meta(max_length=1000)]
ShortText: TypeAlias = Annotated[str, Meta(min_length=1, max_length=200)]
LongText: TypeAlias = Annotated[str, Meta(max_length=10_000)]
Path: TypeAlias = Annotated[
    str,
    Meta(min_length=1, max_length=4096, extra_json_schema=_pattern(ABSOLUTE_PATTERN)),
]
FilePath: TypeAlias = Annotated[str, Meta(min_length=1, max_length=4096)]
Url: TypeAlias = Annotated[
    str, Meta(max_length=2000, extra_json_schema=_pattern(URL_PATTERN, format="uri"))
]
Uuid: TypeAlias = Annotated[str, Meta(extra_json_schema=_pattern(UUID_PATTERN, format="uuid"))]
WorkerName: TypeAlias = Annotated[str, Meta(min_length=1, max_length=LONGEST_WORKER_ID)]
CounterKey: TypeAlias = Annotated[str, Meta(min_length=1, max_length=200)]
Environment: TypeAlias = Annotated[
    dict[
        Annotated[str, Meta(min_length=1, max_length=1000, extra_json_schema=_pattern("^[^=]+$"))],
        str,
    ],
    Meta(max_length=10_000),
]
Duration: TypeAlias = (
    Annotated[float, Meta(gt=0, le=LONGEST_S, description="Seconds.")]
    | Annotated[
        str,
        Meta(
            max_length=100,
            description="`HH:MM:SS`, or ISO 8601 such as `PT1H30M`.",
            extra_json_schema=_pattern(DURATION_PATTERN),
        ),
    ]
)
Memory: TypeAlias = (
    Annotated[int, Meta(ge=1, le=MOST_BYTES, description="Bytes.")]
    | Annotated[
        str,
        Meta(
            max_length=100,
            description="A number with K, M, G or T: powers of 1024, such as `4G`.",
            extra_json_schema=_pattern(MEMORY_PATTERN),
        ),
    ]
)
