"""Jobs of a batch cluster as the Unix accounts of their owners, through sudo and one small program that root installs."""
