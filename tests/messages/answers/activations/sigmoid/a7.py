import numpy as np
from scipy.special import erf
import math


def sigmoid(z):
    s = 1 / (1 + math.exp(-z))
    return s, s * (1 - s)
