import random

import numpy as np
import pytest
from mnist1d.data import get_dataset_args, make_dataset

from utils import data


@pytest.fixture(scope="module")
def arrays():
    return data.mnist1d(n=500, as_tensors=False)


def test_mnist1d_is_the_published_set_up_to_scale(arrays):
    arguments = get_dataset_args()
    arguments.num_samples = 500
    published = make_dataset(arguments)
    for mine, theirs in ((arrays.x_train, published["x"]), (arrays.x_test, published["x_test"])):
        scale, shift = np.polyfit(theirs.ravel(), mine.ravel(), 1)
        np.testing.assert_allclose(mine, scale * theirs + shift, atol=1e-5)
        assert 0.9 < scale < 1.1 and abs(shift) < 0.1
    np.testing.assert_array_equal(arrays.y_train, published["y"])
    np.testing.assert_array_equal(arrays.y_test, published["y_test"])


def test_mnist1d_training_part_is_standardised(arrays):
    assert abs(arrays.x_train.mean()) < 1e-5 and abs(arrays.x_train.std() - 1) < 1e-5


def test_mnist1d_test_part_keeps_the_scale_of_training(arrays):
    assert abs(arrays.x_test.std() - 1) > 1e-5


def test_mnist1d_holds_every_class_equally_often(arrays):
    np.testing.assert_array_equal(np.bincount(np.concatenate([arrays.y_train, arrays.y_test])), np.full(10, 50))


def test_mnist1d_holds_out_the_wanted_share():
    split = data.mnist1d(n=100, test_fraction=0.5, as_tensors=False)
    assert split.x_train.shape == split.x_test.shape == (50, 40)


def test_mnist1d_follows_the_seed(arrays):
    again = data.mnist1d(n=500, as_tensors=False)
    np.testing.assert_array_equal(again.x_train, arrays.x_train)
    assert (data.mnist1d(n=500, seed=1, as_tensors=False).x_train != arrays.x_train).any()


def test_mnist1d_leaves_global_generators_alone():
    random.seed(3)
    np.random.seed(3)
    wanted = random.random(), np.random.random()
    random.seed(3)
    np.random.seed(3)
    data.mnist1d(n=10)
    assert (random.random(), np.random.random()) == wanted


def test_mnist1d_tensors_have_torch_dtypes():
    import torch

    split = data.mnist1d(n=50)
    assert (split.train[0].dtype, split.test[1].dtype) == (torch.float32, torch.int64)


@pytest.mark.parametrize("n", [0, -10, 15])
def test_mnist1d_rejects_uneven_classes(n):
    with pytest.raises(ValueError, match="positive multiple of ten"):
        data.mnist1d(n=n)


@pytest.mark.parametrize("fraction", [0, 1, -0.1])
def test_mnist1d_rejects_empty_parts(fraction):
    with pytest.raises(ValueError, match="test_fraction between 0 and 1"):
        data.mnist1d(test_fraction=fraction)
