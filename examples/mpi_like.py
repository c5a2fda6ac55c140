"""Several processes, each with a bar of its own on one page, as an MPI program's ranks have.

Under mpirun or srun the rank is the bar's name and nothing has to be said. Here multiprocessing plays the ranks.
"""

import multiprocessing
import time

from headway import progress

RANKS = 4
WARM_UP_STEPS = 10
PAUSE_S = 0.01


def simulate(rank: int) -> int:
    """Do one rank's share."""
    energy = 0
    with progress(total=50, worker=f"rank{rank}", desc="warm up") as bar:
        for step in range(50):
            time.sleep(PAUSE_S)  # the work
            energy += step * rank
            bar.update(1)
            if step == WARM_UP_STEPS:
                bar.desc = "measuring"
    return energy


if __name__ == "__main__":
    with multiprocessing.Pool(RANKS) as pool:
        print(sum(pool.map(simulate, range(RANKS))))
        pool.close()
        pool.join()  # so that each process can send its last report
