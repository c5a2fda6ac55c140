"""Fakes that keep the ports' promises, and suites that check whether an implementation does; for plugins and for us."""
