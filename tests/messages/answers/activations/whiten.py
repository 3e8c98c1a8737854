import numpy as np


def _parts(train):
    m = train.mean(axis=0)
    c = train - m
    values, u = np.linalg.eigh(c.T @ c / len(train))
    return m, values, u


def whiten__not_turned_back(train, test, eps):
    r"""PCA whitening: the last turn is missing"""
    m, values, u = _parts(train)
    w = u / np.sqrt(values + eps)
    return (train - m) @ w, (test - m) @ w


def whiten__rows_divided(train, test, eps):
    r"""divides the rows of U"""
    m, values, u = _parts(train)
    w = (u / np.sqrt(values + eps)[:, None]) @ u.T
    return (train - m) @ w, (test - m) @ w


def whiten__eps_outside_the_root(train, test, eps):
    r"""sqrt(lambda) + eps"""
    m, values, u = _parts(train)
    w = (u / (np.sqrt(np.maximum(values, 0)) + eps)) @ u.T
    return (train - m) @ w, (test - m) @ w


def whiten__eps_forgotten(train, test, eps):
    r"""eps unused"""
    m, values, u = _parts(train)
    w = (u / np.sqrt(values)) @ u.T
    return (train - m) @ w, (test - m) @ w


def whiten__n_minus_one(train, test, eps):
    r"""np.cov with its divisor N - 1"""
    m = train.mean(axis=0)
    values, u = np.linalg.eigh(np.atleast_2d(np.cov(train, rowvar=False)))
    w = (u / np.sqrt(values + eps)) @ u.T
    return (train - m) @ w, (test - m) @ w


def whiten__test_own_mean(train, test, eps):
    r"""the test set centred by its own mean"""
    m, values, u = _parts(train)
    w = (u / np.sqrt(values + eps)) @ u.T
    return (train - m) @ w, (test - test.mean(axis=0)) @ w


def whiten__each_by_its_own(train, test, eps):
    r"""the test set whitened by its own covariance"""
    out = []
    for x in (train, test):
        m, values, u = _parts(x)
        out.append((x - m) @ (u / np.sqrt(values + eps)) @ u.T)
    return tuple(out)


def whiten__joint(train, test, eps):
    r"""statistics of both sets together"""
    m, values, u = _parts(np.concatenate([train, test]))
    w = (u / np.sqrt(values + eps)) @ u.T
    return (train - m) @ w, (test - m) @ w


def whiten__no_root(train, test, eps):
    r"""divides by lambda instead of its root"""
    m, values, u = _parts(train)
    w = (u / (values + eps)) @ u.T
    return (train - m) @ w, (test - m) @ w


def whiten__multiplied(train, test, eps):
    r"""multiplies by the root: the correlation is squared"""
    m, values, u = _parts(train)
    w = (u * np.sqrt(values + eps)) @ u.T
    return (train - m) @ w, (test - m) @ w


def whiten__eigenvectors_as_rows(train, test, eps):
    r"""takes the rows of U for the eigenvectors"""
    m, values, u = _parts(train)
    w = (u.T / np.sqrt(values + eps)) @ u
    return (train - m) @ w, (test - m) @ w


def whiten__turned_on_the_wrong_side(train, test, eps):
    r"""U twice: turns on instead of back"""
    m, values, u = _parts(train)
    w = (u / np.sqrt(values + eps)) @ u
    return (train - m) @ w, (test - m) @ w


def whiten__covariance_not_centred(train, test, eps):
    r"""second moments instead of the covariance"""
    m = train.mean(axis=0)
    values, u = np.linalg.eigh(train.T @ train / len(train))
    w = (u / np.sqrt(values + eps)) @ u.T
    return (train - m) @ w, (test - m) @ w


def whiten__not_centred(train, test, eps):
    r"""the mean is used for the covariance only"""
    _, values, u = _parts(train)
    w = (u / np.sqrt(values + eps)) @ u.T
    return train @ w, test @ w


def whiten__test_not_centred(train, test, eps):
    r"""forgets to subtract the mean from the test set"""
    m, values, u = _parts(train)
    w = (u / np.sqrt(values + eps)) @ u.T
    return (train - m) @ w, test @ w


def whiten__cov_of_rows(train, test, eps):
    r"""np.cov takes rows for variables"""
    m = train.mean(axis=0)
    values, u = np.linalg.eigh(np.cov(train, bias=True))
    w = (u / np.sqrt(values + eps)) @ u.T
    return (train - m) @ w, (test - m) @ w


def whiten__in_place(train, test, eps):
    r"""subtracts the mean from the caller's arrays"""
    m, values, u = _parts(train)
    w = (u / np.sqrt(values + eps)) @ u.T
    train -= m
    test -= m
    return train @ w, test @ w


def whiten__standardised_first(train, test, eps):
    r"""whitens standardised features"""
    s = train.std(axis=0)
    s = np.where(s == 0, 1.0, s)
    m, values, u = _parts(train / s)
    w = (u / np.sqrt(values + eps)) @ u.T
    return (train / s - m) @ w, (test / s - m) @ w


def whiten__cholesky(train, test, eps):
    r"""a Cholesky factor of the inverse covariance: covariance I, but turned"""
    m = train.mean(axis=0)
    c = (train - m).T @ (train - m) / len(train) + eps * np.eye(train.shape[1])
    w = np.linalg.cholesky(np.linalg.inv(c))
    return (train - m) @ w, (test - m) @ w


def whiten__eps_as_floor(train, test, eps):
    r"""max(lambda, eps) instead of the sum"""
    m, values, u = _parts(train)
    w = (u / np.sqrt(np.maximum(values, eps))) @ u.T
    return (train - m) @ w, (test - m) @ w


def whiten__mean_added_back(train, test, eps):
    r"""adds the mean again at the end"""
    m, values, u = _parts(train)
    w = (u / np.sqrt(values + eps)) @ u.T
    return (train - m) @ w + m, (test - m) @ w + m


def whiten__singular_values_as_eigenvalues(train, test, eps):
    r"""svd of the data, its singular values taken for the eigenvalues"""
    m = train.mean(axis=0)
    _, s, vt = np.linalg.svd(train - m, full_matrices=False)
    w = (vt.T / np.sqrt(s + eps)) @ vt
    return (train - m) @ w, (test - m) @ w


def whiten__not_divided_by_n(train, test, eps):
    r"""the scatter matrix without 1/N"""
    m = train.mean(axis=0)
    values, u = np.linalg.eigh((train - m).T @ (train - m))
    w = (u / np.sqrt(values + eps)) @ u.T
    return (train - m) @ w, (test - m) @ w


def whiten__null_space_dropped(train, test, eps):
    r"""thin svd: with fewer examples than features new directions of the test set are thrown away"""
    m = train.mean(axis=0)
    _, s, vt = np.linalg.svd(train - m, full_matrices=False)
    w = (vt.T / np.sqrt(s**2 / len(train) + eps)) @ vt
    return (train - m) @ w, (test - m) @ w


def whiten__only_scaled(train, test, eps):
    r"""divides by the deviations: the correlation stays"""
    m = train.mean(axis=0)
    s = np.sqrt(train.var(axis=0) + eps)
    return (train - m) / s, (test - m) / s


def whiten__swapped(train, test, eps):
    r"""returns test first"""
    m, values, u = _parts(train)
    w = (u / np.sqrt(values + eps)) @ u.T
    return (test - m) @ w, (train - m) @ w
