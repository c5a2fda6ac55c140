"""A script that uses tqdm already: one changed import, and its bars are on the job's page too."""

import time

from headway import tqdm  # was: from tqdm import tqdm

PAUSE_S = 0.005

for epoch in tqdm(range(3), desc="epochs"):
    batches = tqdm(range(50), desc=f"epoch {epoch}", leave=False)
    for batch in batches:
        time.sleep(PAUSE_S)  # the work
        batches.set_postfix(loss=1 / (1 + epoch * 50 + batch))
