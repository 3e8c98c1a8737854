import numpy as np
import pytest
from sklearn.datasets import load_digits

from utils import data


@pytest.fixture(scope="module")
def arrays():
    return data.digits(as_tensors=False)


def test_digits_split_holds_every_example_once(arrays):
    both = np.concatenate([arrays.x_train, arrays.x_test]) * 16
    original = load_digits().data
    np.testing.assert_array_equal(both[np.lexsort(both.T)], original[np.lexsort(original.T)])


def test_digits_labels_stay_with_their_images(arrays):
    original = load_digits()
    pixels = (original.data / 16).astype("float32")
    labels = {image.tobytes(): label for image, label in zip(pixels, original.target, strict=True)}
    assert [labels[image.tobytes()] for image in arrays.x_test] == arrays.y_test.tolist()


def test_digits_are_scaled_to_the_unit_interval(arrays):
    assert (arrays.x_train.min(), arrays.x_train.max()) == (0, 1)


def test_digits_hold_out_the_wanted_share():
    assert len(data.digits(test_fraction=0.5, as_tensors=False).x_test) == 898


def test_digits_split_follows_the_seed(arrays):
    np.testing.assert_array_equal(data.digits(as_tensors=False).y_test, arrays.y_test)
    assert (data.digits(seed=1, as_tensors=False).y_test != arrays.y_test).any()


def test_digits_tensors_have_torch_dtypes():
    import torch

    split = data.digits()
    assert (split.train[0].dtype, split.test[1].dtype) == (torch.float32, torch.int64)


@pytest.mark.parametrize("fraction", [0, 1, -0.1])
def test_digits_reject_empty_parts(fraction):
    with pytest.raises(ValueError, match="test_fraction between 0 and 1"):
        data.digits(test_fraction=fraction)


def test_daily_temperatures_cover_every_day():
    dates, _ = data.daily_temperatures()
    assert str(dates[0]) == "2012-01-01"
    assert (np.diff(dates) == np.timedelta64(1, "D")).all()


def test_daily_temperatures_are_the_middle_in_celsius():
    dates, celsius = data.daily_temperatures()
    assert celsius.shape == dates.shape == (1461,)
    assert celsius[0] == pytest.approx((12.8 + 5.0) / 2)  # the file's first line
