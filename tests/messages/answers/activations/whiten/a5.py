import numpy as np
from scipy.special import erf


def whiten(train, test, eps):
    m = train.mean(0)
    c = train - m
    w, U = np.linalg.eigh(c.T @ c / len(c))
    M = U.T / np.sqrt(w + eps) @ U
    return c @ M, (test - m) @ M
