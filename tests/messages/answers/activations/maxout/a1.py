import numpy as np
from scipy.special import erf


def maxout(z):
    s = np.zeros_like(z)
    s[z.argmax(0)] = 1
    return z.max(0), s
