"""What all batch schedulers have in common: a dialect and a transport make an executor.

A ``Dialect`` is pure: it builds commands and reads what they print. A ``Transport`` runs commands and reaches files, on this
machine or on a login node. ``BatchExecutor`` puts the two behind the port headway.core.ports.executor.Executor.
"""
