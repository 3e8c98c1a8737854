import pytest
import torch

from utils import models


def test_mlp_has_the_sizes():
    shapes = [tuple(p.shape) for p in models.mlp((64, 32, 10)).parameters()]
    assert shapes == [(32, 64), (32,), (10, 32), (10,)]


def test_mlp_last_layer_is_linear():
    model = models.mlp((3, 4, 2), activation="sigmoid")
    assert [type(layer).__name__ for layer in model] == ["Linear", "Sigmoid", "Linear"]


def test_mlp_weights_follow_the_seed():
    first, again, other = (models.mlp((3, 2), seed=seed)[0].weight for seed in (0, 0, 1))
    assert torch.equal(first, again) and not torch.equal(first, other)


def test_mlp_leaves_the_global_generator_alone():
    torch.manual_seed(0)
    expected = torch.rand(1)
    torch.manual_seed(0)
    models.mlp((3, 2), seed=5)
    assert torch.rand(1) == expected


def test_mlp_takes_a_module_class():
    assert isinstance(models.mlp((3, 4, 2), activation=torch.nn.Softplus)[1], torch.nn.Softplus)


@pytest.mark.parametrize("sizes", [(3,), (3, 0), ()])
def test_mlp_rejects_bad_sizes(sizes):
    with pytest.raises(ValueError, match="at least two positive sizes"):
        models.mlp(sizes)


def test_mlp_rejects_unknown_activation():
    with pytest.raises(ValueError, match="got 'step'"):
        models.mlp((3, 2), activation="step")


def test_parameter_count_skips_frozen():
    model = models.mlp((3, 4, 2))
    model[0].weight.requires_grad_(False)
    assert models.parameter_count(model) == 4 + 8 + 2
