"""What happens by itself: rounds of background work, each safe to repeat and to cut off anywhere.

headway.app runs them in loops. What a pass remembers between rounds only saves work: it can be lost.
"""
