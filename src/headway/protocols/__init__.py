"""The doors: one package for each protocol that jobs come in by."""
