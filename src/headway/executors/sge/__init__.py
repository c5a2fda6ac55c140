"""Runs jobs through Grid Engine and its successors: one dialect of headway.executors.batch."""
