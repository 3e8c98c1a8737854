import numpy as np
from scipy.special import erf


def dead_fraction(a):
    r = a.reshape(-1, a.shape[-1])
    return (r == 0).all(0).sum() / len(r)
