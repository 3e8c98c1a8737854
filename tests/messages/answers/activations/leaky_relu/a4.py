import numpy as np
from scipy.special import erf


def leaky_relu(z, leak):
    return np.where(z > 0, z, leak * z), np.where(z > 0, 1 - leak, leak)
