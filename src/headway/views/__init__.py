"""A job as pictures and words: bars laid out once, then drawn as SVG, PNG or terminal text.

Everything here is pure: the same job, workers and time give the same bytes.
"""
