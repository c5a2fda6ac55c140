"""The one search grammar: of the page, the command line, the REST protocol and saved filters. Pure.

``syntax`` splits a text into clauses, ``fields`` says what each field takes, ``meaning`` makes conditions of them, and
``narrow`` puts those into a Selection. A subset of Lucene's grammar: all clauses must hold.
"""
