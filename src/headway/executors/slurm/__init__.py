"""Runs jobs through Slurm: one dialect of headway.executors.batch."""
