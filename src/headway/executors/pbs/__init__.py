"""Runs jobs through OpenPBS and PBS Professional: one dialect of headway.executors.batch."""
