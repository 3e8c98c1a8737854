import numpy as np
from scipy.special import erf


def dead_fraction(a):
    r = a.reshape(-1, a.shape[-1])
    return (r.mean(0) < 1e-6).mean()
