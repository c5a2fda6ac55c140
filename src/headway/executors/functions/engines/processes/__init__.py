"""Warm worker processes on this machine, which outlive the server.

Each has a directory: a socket that the server sends tasks through, a journal that the worker writes, orders that the server
writes, and a lock that both hold while they look at the other's and write their own. What the server says of a task is what
the journal says; through the socket comes back nothing but that it is worth a look.
"""
