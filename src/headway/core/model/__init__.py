"""Frozen values and pure functions: what a job is and how it may change."""
