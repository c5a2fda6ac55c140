"""How programs speak to a Headway server: ``requests`` and ``answers`` without I/O, clients, and the worker's side.

Nothing here knows the server's inside; what a client may ask is what the REST protocol answers.
"""
