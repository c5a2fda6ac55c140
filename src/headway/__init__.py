"""Watch, run and find long jobs: one server, many protocols."""
