"""Pages that belong to no protocol: the front page, and the worker file for downloading."""
