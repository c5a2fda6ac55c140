"""A loop that is a bar: start it by ``headway submit -- python3 worker_loop.py`` (or ``headway run -- …``).

Where the package is not installed, ``headway_worker.py`` (from a server's /worker.py) copied beside the script gives the same
three names, on Python 3.6 too.
"""

import time

from headway import counters, progress, status

PAUSE_S = 0.02

status("reading")
peaks = 0
for event in progress(range(100), desc="events"):
    time.sleep(PAUSE_S)  # the work
    peaks += event % 3
    counters({"peaks": peaks})
status("done")
print(peaks)
