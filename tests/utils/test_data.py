"""Data sets: the published ones, cut in two by a seed, whoever made them."""

import random
from functools import partial

import numpy as np
import pytest
import torch
from mnist1d.data import get_dataset_args, make_dataset
from sklearn.datasets import load_digits

from utils import data

LOADERS = [data.digits, partial(data.mnist1d, n=100)]


@pytest.fixture(scope="module")
def digits():
    return data.digits(as_tensors=False)


@pytest.fixture(scope="module")
def mnist1d():
    return data.mnist1d(n=500, as_tensors=False)


# --- both


@pytest.mark.parametrize("load", LOADERS)
def test_split_follows_the_seed(load):
    first, again, other = (load(as_tensors=False, **seed) for seed in ({}, {}, {"seed": 1}))
    np.testing.assert_array_equal(first.y_test, again.y_test)
    np.testing.assert_array_equal(first.x_train, again.x_train)
    assert (first.x_train != other.x_train).any()


@pytest.mark.parametrize("load", LOADERS)
def test_tensors_have_torch_dtypes(load):
    split = load()
    assert (split.train[0].dtype, split.test[1].dtype) == (torch.float32, torch.int64)


@pytest.mark.parametrize(("load", "count"), [(LOADERS[0], 898), (LOADERS[1], 50)])
def test_split_holds_out_the_wanted_share(load, count):
    split = load(test_fraction=0.5, as_tensors=False)
    assert len(split.x_test) == len(split.y_test) == count


@pytest.mark.parametrize("load", LOADERS)
@pytest.mark.parametrize("fraction", [0, 1, -0.1])
def test_empty_parts_are_refused(load, fraction):
    with pytest.raises(ValueError, match="test_fraction between 0 and 1"):
        load(test_fraction=fraction)


# --- digits


def test_digits_split_holds_every_example_once(digits):
    both = np.concatenate([digits.x_train, digits.x_test]) * 16
    original = load_digits().data
    np.testing.assert_array_equal(both[np.lexsort(both.T)], original[np.lexsort(original.T)])


def test_digits_labels_stay_with_their_images(digits):
    original = load_digits()
    pixels = (original.data / 16).astype("float32")
    labels = {image.tobytes(): label for image, label in zip(pixels, original.target, strict=True)}
    assert [labels[image.tobytes()] for image in digits.x_test] == digits.y_test.tolist()


# --- MNIST-1D


def test_mnist1d_is_the_published_set_up_to_scale(mnist1d):
    arguments = get_dataset_args()
    arguments.num_samples = 500
    published = make_dataset(arguments)
    for mine, theirs in ((mnist1d.x_train, published["x"]), (mnist1d.x_test, published["x_test"])):
        scale, shift = np.polyfit(theirs.ravel(), mine.ravel(), 1)
        np.testing.assert_allclose(mine, scale * theirs + shift, atol=1e-5)
        assert 0.9 < scale < 1.1 and abs(shift) < 0.1
    np.testing.assert_array_equal(mnist1d.y_train, published["y"])
    np.testing.assert_array_equal(mnist1d.y_test, published["y_test"])


def test_mnist1d_is_standardised_by_its_training_part(mnist1d):
    assert abs(mnist1d.x_train.mean()) < 1e-5 and abs(mnist1d.x_train.std() - 1) < 1e-5
    assert abs(mnist1d.x_test.std() - 1) > 1e-5


def test_mnist1d_holds_every_class_equally_often(mnist1d):
    np.testing.assert_array_equal(np.bincount(np.concatenate([mnist1d.y_train, mnist1d.y_test])), np.full(10, 50))


def test_mnist1d_leaves_global_generators_alone():
    def draw():
        return random.random(), np.random.random()

    random.seed(3)
    np.random.seed(3)
    wanted = draw()
    random.seed(3)
    np.random.seed(3)
    data.mnist1d(n=10)
    assert draw() == wanted


@pytest.mark.parametrize("n", [0, -10, 15])
def test_mnist1d_rejects_uneven_classes(n):
    with pytest.raises(ValueError, match="positive multiple of ten"):
        data.mnist1d(n=n)


# --- temperatures


def test_daily_temperatures_are_the_middle_of_every_day_in_celsius():
    dates, celsius = data.daily_temperatures()
    assert celsius.shape == dates.shape == (1461,)
    assert str(dates[0]) == "2012-01-01" and (np.diff(dates) == np.timedelta64(1, "D")).all()
    assert celsius[0] == pytest.approx((12.8 + 5.0) / 2)  # the file's first line
