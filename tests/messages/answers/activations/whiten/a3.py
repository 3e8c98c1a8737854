import numpy as np
from scipy.special import erf


def whiten(train, test, eps):
    m = train.mean(0)
    s = train.std(0)
    s[s == 0] = 1
    c = (train - m) / s
    w, U = np.linalg.eigh(c.T @ c / len(c))
    M = U / np.sqrt(w + eps) @ U.T
    return c @ M, (test - m) / s @ M
