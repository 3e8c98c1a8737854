import numpy as np
from scipy.special import erf


def maxout(z):
    return z.max(0), z.max(0) > 0
