"""Small things that need the standard library and nothing else."""
