"""One module an operation: what people can ask for. Each is a function that takes the core first and names its actor."""
