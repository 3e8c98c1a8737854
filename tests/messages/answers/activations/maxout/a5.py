import numpy as np
from scipy.special import erf


def maxout(z):
    return z.max(0), np.where(z == z.max(0), 1.0, -1.0)
