"""The protocol classes that the core needs from outside. Adapters implement these and nothing else.

Each port has a suite of tests in headway.testing; an implementation is one that passes it.
"""
