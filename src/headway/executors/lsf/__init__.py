"""Runs jobs through IBM LSF and OpenLava: one dialect of headway.executors.batch."""
