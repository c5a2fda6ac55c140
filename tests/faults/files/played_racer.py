"""Swap two names again and again, as fast as it goes. Run by test_races.

    python played_racer.py ONE OTHER

Says so once it is at it, and ends when its standard input does.
"""

import ctypes
import os
import select
import sys

AT_FDCWD = -100
EXCHANGE = 2
SWAPS = 2_000


def main() -> None:
    swap = ctypes.CDLL(None, use_errno=True).renameat2
    one, other = (os.fsencode(name) for name in sys.argv[1:])
    swaps = 0
    while not (swaps and select.select([sys.stdin], [], [], 0)[0]):
        for _ in range(SWAPS):
            if swap(AT_FDCWD, one, AT_FDCWD, other, EXCHANGE) != 0:
                raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
        swaps += SWAPS
        if swaps == SWAPS:
            print("racing", flush=True)  # noqa: T201 - its answer


if __name__ == "__main__":
    main()
