"""How properties are tried: with the same examples in every run, so that a change fails by its own fault only.

``make soak`` tries them with other examples each time, ten times as many; ``HEADWAY_SEED=N`` repeats those.
"""

from typing import Final

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.internal.conjecture import providers
from tests.faults.counts import chosen_seed, is_soak

_USUAL: Final = 100


def examples(usual: int) -> int:
    """Give how many examples to try: so many, and ten times as many when soaking."""
    return 10 * usual if is_soak() else usual


# By no clock: a busy machine is slow at any example.
settings.register_profile(
    "headway",
    max_examples=examples(_USUAL),
    derandomize=not is_soak(),
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("headway")


def pytest_configure(config: pytest.Config) -> None:
    """Choose the examples."""
    if is_soak():
        if config.option.hypothesis_seed is None:
            config.option.hypothesis_seed = str(chosen_seed())
        return
    # Hypothesis 6 mixes numbers and words of all the modules that happen to be imported into its examples, derandomised or
    # not: a word that is changed anywhere would change what every test tries.
    providers._get_local_constants = lambda: providers._local_constants
