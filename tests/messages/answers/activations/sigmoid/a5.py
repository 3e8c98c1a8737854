import numpy as np
from scipy.special import erf


def sigmoid(z):
    s = 1 / (1 + np.exp(-z))
    return s, s * (1 + s)
