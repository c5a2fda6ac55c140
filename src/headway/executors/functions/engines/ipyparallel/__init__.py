"""Functions on the engines of an ipyparallel cluster."""
