"""Pure tables: who may do what."""
