import numpy as np
from scipy.special import erf


def dead_fraction(a):
    return (a == 0).all(-1).mean()
