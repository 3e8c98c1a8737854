import numpy as np
from scipy.special import erf


def whiten(train, test, eps):
    m = train.mean(0)
    C = np.cov(train.T)
    w, U = np.linalg.eigh(C)
    M = U / np.sqrt(w + eps) @ U.T
    return (train - m) @ M, (test - m) @ M
