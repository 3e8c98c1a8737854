import numpy as np
from scipy.special import erf


def elu(z, alpha):
    return np.where(z > 0, z, -alpha * np.expm1(np.minimum(z, 0))), np.where(
        z > 0, 1, -alpha * np.exp(np.minimum(z, 0))
    )
