import numpy as np
from scipy.special import erf


def leaky_relu(z, leak):
    return np.maximum(z, leak * z), (z > 0) - leak * (z <= 0)
