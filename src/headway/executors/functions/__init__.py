"""Runs Python functions, and lines for the shell, in workers that wait for such.

``plugin`` is the entry point. What an engine is says ``engine``; what its workers do with a function says ``runner``, which is
the same for all of them and needs nothing but the standard library (and cloudpickle, for results that only it can pickle).
"""
