"""What engines have in common whose workers are another system's: ipyparallel's engines, Dask's workers.

Such a system is believed to bring a task to a worker some time, perhaps twice, perhaps never. Everything else goes past it: a
worker *claims* an attempt with the server before it unpickles anything, renews its claim while it works, and tells the end to
the server, which keeps both in files of its own. So a controller or scheduler that dies loses nothing, and a task that it
brings to two workers runs in one.
"""
