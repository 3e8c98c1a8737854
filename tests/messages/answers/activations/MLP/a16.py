import numpy as np
from scipy.special import erf


class MLP:
    def __init__(self, parameters, activation):
        self.W, self.b, self.f = parameters[::2], parameters[1::2], activation

    def forward(self, X):
        self.h, self.s = [X], []
        for W, b in zip(self.W[:-1], self.b[:-1]):
            h, s = self.f(self.h[-1] @ W + b)
            self.h.append(h)
            self.s.append(s)
        self.hidden = self.h[1:]
        return self.h[-1] @ self.W[-1]

    def backward(self, dlogits):
        d, g = dlogits, []
        for l in reversed(range(len(self.W))):
            g = [self.h[l].T @ d, d.sum(0), *g]
            if l:
                d = d @ self.W[l].T * self.s[l - 1]
        return g
