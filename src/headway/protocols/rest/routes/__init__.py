"""The native protocol's routes: each reads a call, asks one operation and answers."""
