import numpy as np
from scipy.special import erf


def dead_fraction(a):
    return (a.reshape(len(a), -1) == 0).all(0).mean()
