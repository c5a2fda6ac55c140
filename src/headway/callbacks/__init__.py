"""Calling others over HTTP when a job's state changes; see headway.core.ports.callbacks."""

from headway.callbacks.credentials import ScopedCredentials
from headway.callbacks.guard import Guard, Network
from headway.callbacks.resolve import Resolver
from headway.callbacks.sender import HttpSender

__all__ = ["Guard", "HttpSender", "Network", "Resolver", "ScopedCredentials"]
