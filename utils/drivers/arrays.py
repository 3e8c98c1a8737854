"""Lists of arrays: copies of them, and all of their numbers in a row."""

import numpy as np


def copies(arrays):
    return [np.array(array) for array in arrays]


def flat(arrays):
    """Return all numbers of some arrays in a row, in a new array."""
    return np.concatenate([np.ravel(array) for array in arrays])
