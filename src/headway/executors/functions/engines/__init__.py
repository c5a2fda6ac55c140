"""Where functions' workers are: one package for each engine. They never import one another."""
