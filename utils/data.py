"""Real data that needs no download: it comes inside scikit-learn and vega_datasets."""

from typing import Any, NamedTuple

import numpy as np


class Split(NamedTuple):
    """A classification set cut in two. Inputs float32, shape (N, features); labels int64, shape (N,)."""

    x_train: Any
    y_train: Any
    x_test: Any
    y_test: Any

    @property
    def train(self):
        """The pair (inputs, labels) to learn from."""
        return self.x_train, self.y_train

    @property
    def test(self):
        """The pair (inputs, labels) held out."""
        return self.x_test, self.y_test


def digits(test_fraction=0.2, seed=0, as_tensors=True, device="cpu"):
    """Load 1797 handwritten digits of 8 x 8 pixels, ten classes, scaled to [0, 1] and shuffled.

    test_fraction : float in (0, 1), share of the examples held out
    seed : int, decides the split
    as_tensors : bool; True gives torch tensors on `device`, False gives NumPy arrays
    Returns a Split: x float32, shape (N, 64), in [0, 1]; y int64, shape (N,), in 0..9.
    Source: scikit-learn's `load_digits` (UCI, Alpaydin and Kaynak, 1998).
    """
    if not 0 < test_fraction < 1:
        raise ValueError(f"digits: expected test_fraction between 0 and 1, got {test_fraction}")
    from sklearn.datasets import load_digits

    bunch = load_digits()
    x = (bunch.data / 16.0).astype(np.float32)  # pixels count 0..16 dots
    y = bunch.target.astype(np.int64)
    order = np.random.default_rng(seed).permutation(len(x))
    held_out = round(test_fraction * len(x))
    test, train = order[:held_out], order[held_out:]
    parts = (x[train], y[train], x[test], y[test])
    if as_tensors:
        import torch

        parts = tuple(torch.from_numpy(part).to(device) for part in parts)
    return Split(*parts)


def daily_temperatures():
    """Load the mean temperature of each day in Seattle, 2012 to 2015.

    Returns (dates, celsius): dates datetime64[D], shape (1461,); celsius float64, shape (1461,), the middle
    between the day's
    highest and lowest temperature, in degrees Celsius.
    Source: NOAA, packaged in vega_datasets as seattle-weather.
    """
    from vega_datasets import data

    frame = data.seattle_weather()
    celsius = (frame["temp_max"].to_numpy(float) + frame["temp_min"].to_numpy(float)) / 2
    return frame["date"].to_numpy().astype("datetime64[D]"), celsius
