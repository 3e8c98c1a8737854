import numpy as np
from scipy.special import erf


def maxout(z):
    return np.maximum(z[0], z[1]), np.stack([z[0] > z[1], z[1] > z[0]]).astype(float)
