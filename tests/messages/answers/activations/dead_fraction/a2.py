import numpy as np
from scipy.special import erf


def dead_fraction(a):
    return 1 - np.count_nonzero(a) / a.size
