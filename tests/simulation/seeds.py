"""How many histories are played: a handful as a rule, as many as the variable HISTORIES says."""

import os


def seeds(usual: int) -> range:
    """Return the seeds to play."""
    return range(int(os.environ.get("HISTORIES", usual)))
