"""A script with a plain tqdm loop; inside a Headway job its bar shows on the job's page too."""

import time

from headway import tqdm


def main() -> None:
    """Count over some images, slowly enough to watch."""
    for image in tqdm(range(120), desc="images"):
        time.sleep(0.12)
        if image % 40 == 0:
            tqdm.write(f"image {image}: fine")


if __name__ == "__main__":
    main()
