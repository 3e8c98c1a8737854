import numpy as np
from scipy.special import erf


def whiten(train, test, eps):
    m = train.mean(0)
    c = train - m
    U, s, Vt = np.linalg.svd(c, full_matrices=False)
    M = Vt.T / np.sqrt(s + eps) @ Vt
    return c @ M, (test - m) @ M
