import numpy as np
from scipy.special import erf


def dead_fraction(a):
    r = a.reshape(a.shape[-1], -1)
    return (r == 0).all(1).mean()
