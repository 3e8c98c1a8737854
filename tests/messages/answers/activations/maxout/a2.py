import numpy as np
from scipy.special import erf


def maxout(z):
    return z.max(1), (z == z.max(1, keepdims=True)).astype(float)
