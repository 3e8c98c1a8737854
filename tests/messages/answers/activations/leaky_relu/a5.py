import numpy as np
from scipy.special import erf


def leaky_relu(z, leak):
    return max(z, leak * z), 1 if z > 0 else leak
