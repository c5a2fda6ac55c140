"""The options of ``headway submit`` that have somebody called."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from headway.lib.jsonvalue import JsonObject


def callback_specs(options: Mapping[str, object]) -> Sequence[JsonObject]:
    """Give what POST /jobs takes as ``callbacks`` for what was typed.

    Raises:
        click.UsageError: a secret for nobody, or its file cannot be read.
    """
    urls, file = options.get("callbacks"), options.get("callback_secret")
    if not (isinstance(urls, tuple) and urls):
        if file:
            raise click.UsageError("--callback-secret is for a --callback")
        return []
    secret = _secret(str(file)) if file else None
    return [{"url": url} | ({} if secret is None else {"secret": secret}) for url in urls]


def _secret(file: str) -> str:
    try:
        return Path(file).read_text().strip()
    except (OSError, UnicodeError) as error:
        raise click.UsageError(f"--callback-secret: {file} cannot be read: {error}") from None
