import numpy as np
from scipy.special import erf


def maxout(z):
    return z.max(0), np.eye(len(z))[z.argmax(0)]
