"""Where the parts are wired together: the only room that knows two adapters, the environment and the process."""
