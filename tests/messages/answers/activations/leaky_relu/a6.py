import numpy as np
from scipy.special import erf


def leaky_relu(z, leak):
    return np.where(z > 0, z, z * leak), np.where(z > 0, 1, 0) * leak
