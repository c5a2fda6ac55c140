"""Where jobs run: one package for each kind of executor. They never import one another."""
