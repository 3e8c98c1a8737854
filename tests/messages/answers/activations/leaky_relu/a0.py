import numpy as np
from scipy.special import erf


def leaky_relu(z, leak):
    return np.maximum(z, leak), np.where(z > leak, 1.0, 0.0)
