"""Progress that is no loop: steps of different sizes, a problem, a bar under a progress name.

Without arguments the bars belong to the job this runs in. With a name (``worker_context.py myjob123``) they are those of
the progress job of that name at HEADWAY_URL: create it first, as shell_curl.sh does.
"""

import sys

from headway import progress

SIZES_MB = [120, 40, 260, 80]
LAST_GOOD = 6
NAME = sys.argv[1] if len(sys.argv) > 1 else None

with progress(total=sum(SIZES_MB), desc="files", worker="copy", job=NAME) as bar:
    for number, size_mb in enumerate(SIZES_MB, start=1):
        bar.desc = f"file {number} of {len(SIZES_MB)}"
        bar.update(size_mb)

with progress(total=10, worker="check", job=NAME) as bar:
    for step in range(10):
        bar.set(current=step + 1)
        if step == LAST_GOOD:
            bar.set(desc="2 files differ", ok=False)  # drawn as a problem, and goes on
print("ended")
