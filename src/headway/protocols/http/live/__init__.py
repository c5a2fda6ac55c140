"""Live streams: what the store commits, told to whoever watches.

The road of a change: store, ``Hub`` (gathers, at most one frame a channel every 250 ms), ``Channel`` (one for each filter and
visibility: told apart once, serialised once), ``Subscriber`` (one client; bounded, never waited for).
"""
