"""The native protocol's words and shapes: pure, and the one source of its checks, messages and OpenAPI document."""
