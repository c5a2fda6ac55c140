"""Who may be called back, and in which words."""

from collections.abc import Mapping
from datetime import timedelta
from ipaddress import ip_network
from typing import Final

from headway import plugins
from headway.app.options import ServeOptions, is_loopback
from headway.callbacks import Guard, HttpSender, Network, Resolver, ScopedCredentials
from headway.core.errors import InvalidRequest
from headway.core.model.delivery import Patience
from headway.core.ports.callbacks import Words

_DEFAULT: Final = Patience()


def make_sender(options: ServeOptions, *, version: str) -> HttpSender:
    """Make what calls others. Must be called in a running event loop.

    Raises:
        InvalidRequest: a network of ``callback_networks`` is none, or one of ``callback_macs`` cannot be used.
    """
    guard = Guard(
        is_own=is_loopback(options) and not options.behind_proxy,
        networks=tuple(_network(word) for word in options.callback_networks),
        own_port=options.port,
    )
    return HttpSender(
        guard=guard,
        resolve=Resolver(),
        credentials=[
            ScopedCredentials.of(id=one.id, key=one.key, scope=one.scope, algorithm=one.algorithm)
            for one in options.callback_macs
        ],
        user_agent=f"headway/{version}",
    )


def callback_words() -> Mapping[str, Words]:
    """Give the words of each installed protocol that has some for callbacks: its plugin's ``callback_words``.

    Raises:
        PluginError: a protocol is broken.
    """
    installed = plugins.protocols()
    found = {
        name: getattr(installed.load(name), "callback_words", None) for name in installed.names()
    }
    return {name: words for name, words in found.items() if words is not None}


def patience(options: ServeOptions) -> Patience:
    """Give how long callbacks that fail are tried."""
    first_s, last_s = options.callback_retry_s, options.callback_give_up_s
    return Patience(
        first=_DEFAULT.first if first_s is None else timedelta(seconds=first_s),
        gives_up_after=_DEFAULT.gives_up_after if last_s is None else timedelta(seconds=last_s),
    )


def _network(word: str) -> Network:
    try:
        return ip_network(word, strict=False)
    except ValueError as error:
        raise InvalidRequest(
            f"{word!r} is no network such as 10.0.0.0/8 or fd00::/8: {error}",
            field="callback-network",
        ) from None
