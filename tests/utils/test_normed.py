import numpy as np
import pytest
import torch
from matplotlib import pyplot as plt
from torch import nn

from utils import normed, training
from utils.maps import heat_map

X = torch.randn(24, 5, generator=torch.Generator().manual_seed(0))
Y = torch.arange(24) % 3


def test_normed_mlp_has_one_start_for_every_norm():
    plain, batch = (normed.normed_mlp([5, 7, 6, 3], norm, seed=4) for norm in ("no norm", "batch norm"))
    assert [type(layer).__name__ for layer in batch] == ["Linear", "BatchNorm1d", "ReLU"] * 2 + ["Linear"]
    assert [type(layer).__name__ for layer in plain] == ["Linear", "ReLU"] * 2 + ["Linear"]
    pairs = zip([plain[0], plain[2], plain[4]], [batch[0], batch[3], batch[6]], strict=True)
    assert all(torch.equal(ours.weight, theirs.weight) for ours, theirs in pairs)


def test_scale_multiplies_the_weights():
    one, ten = (normed.normed_mlp([50, 40, 3], scale=scale)[0].weight for scale in (1, 10))
    torch.testing.assert_close(10 * one, ten)
    assert one.std().item() == pytest.approx((2 / 50) ** 0.5, rel=0.1)


@pytest.mark.parametrize("training_mode", [True, False])
def test_one_group_is_batch_norm(training_mode):
    ours, torchs = normed.GroupedBatchNorm(5, 24).train(training_mode), nn.BatchNorm1d(5).train(training_mode)
    torch.testing.assert_close(ours(X), torchs(X))
    for a, b in zip(ours.buffers(), torchs.buffers(), strict=True):
        torch.testing.assert_close(a, b)


def test_groups_are_neighbours_of_the_batch():
    ours, torchs = normed.GroupedBatchNorm(5, 6), nn.BatchNorm1d(5)
    torch.testing.assert_close(ours(X), torch.cat([torchs(part) for part in X.split(6)]))


def test_noise_is_that_of_a_unit_and_none_in_eval_mode():
    noisy, quiet = normed.NoisyBatchNorm(5, 0.5), nn.BatchNorm1d(5)
    first, second = noisy(X), noisy(X)
    ratio = (first - first.mean(0)) / (quiet(X) - quiet(X).mean(0))
    assert not torch.allclose(first, second) and ratio.std(0).max() < 1e-3
    quiet.eval()
    noisy.load_state_dict(quiet.state_dict())
    assert torch.equal(noisy.eval()(X), quiet(X))


def test_layer_inputs_are_those_in_train_mode():
    model = normed.normed_mlp([5, 6, 4, 3], seed=1)
    before = [b.clone() for b in model.buffers()]
    history = training.sweep(
        lambda seed: normed.normed_mlp([5, 6, 4, 3], seed=1), (X, Y), [{"lr": 0.0}] * 2,
        steps=1, batch_size=8, watch=normed.layer_inputs(X, 3),
    )  # fmt: skip
    assert history.watched[0].shape == (2, 24, 6) and len(before) == 6
    np.testing.assert_allclose(history.watched[0][1], model[:3](X).detach().numpy(), atol=1e-6)
    # one batch has been seen in training, none by looking
    expected = normed.normed_mlp([5, 6, 4, 3], seed=1)
    expected(X[training.batch_indices(24, 8, 1, 0)[0]])
    torch.testing.assert_close(history.buffers["1.running_mean"][0], expected[1].running_mean)


def test_gradient_norms_are_those_of_the_weights():
    model = normed.normed_mlp([5, 6, 3])
    nn.functional.cross_entropy(model(X), Y).backward()
    expected = [layer.weight.grad.norm().item() for layer in model if isinstance(layer, nn.Linear)]
    assert normed.gradient_norms(model, (X, Y)) == pytest.approx(expected)


def test_updates_until_counts_from_the_first_look_of_a_row():
    accuracy = np.array([[0.9, 0.8, 0.9, 0.9], [0.9, 0.9, 0.9, 0.1], [0.1, 0.9, 0.9, 0.9], [0.9, 0.1, 0.9, 0.1]])
    history = training.History(np.zeros(0), np.array([5, 10, 15, 20]), np.zeros(0), accuracy)
    assert normed.updates_until(history, 0.9, looks=2).tolist() == [15, 5, 10, np.inf]
    assert normed.updates_until(history, 0.9).tolist() == [np.inf, 5, 10, np.inf]


def test_final_losses_are_by_rate_and_seed():
    history = training.History(
        np.zeros(0), np.zeros(0), np.array([[9, 1], [9, np.nan], [9, 3], [9, np.inf]]), np.zeros(0)
    )
    assert normed.final_losses(history, [0.1, 0.2]).tolist() == [[1, np.inf], [3, np.inf]]


def test_held_out_loss_leaves_the_model_as_it_was():
    model = normed.normed_mlp([5, 6, 3])
    before = [b.clone() for b in model.buffers()]
    loss = normed.held_out_loss(model, (X, Y))
    assert model.training and all(map(torch.equal, before, model.buffers()))
    assert loss == pytest.approx(nn.functional.cross_entropy(model.eval()(X), Y).item())


def test_worn_mlp_is_worn_and_nested():
    model = normed.worn_mlp([3, 4, 5, 6, 7, 2], seed=0, momentum=0.4, training=False)
    norms = [module for module in model.modules() if isinstance(module, nn.BatchNorm1d)]
    assert [norm.momentum for norm in norms] == [0.4, 0.2, 0.1, 0.05] and not model.training
    assert sum(isinstance(child, nn.BatchNorm1d) for child in model.children()) == 2
    assert sum(isinstance(child, nn.BatchNorm1d) for child in model[-1].children()) == 1
    assert sum(isinstance(child, nn.BatchNorm1d) for child in model[-1][-1].children()) == 1
    assert all(norm.running_mean.abs().max() > 0.1 and norm.num_batches_tracked > 0 for norm in norms)


def test_hands_of_a_clock_are_as_long_as_the_norms_and_turned_by_the_angles():
    fig, ax = plt.subplots()
    normed.clock(ax, [("one", np.array([2.0, 3.0]), np.array([0.0, np.pi / 2]), "k")], 2, "title")
    x, y = ax.lines[-1].get_data()
    assert x[1] == pytest.approx(np.log(3 / 0.7)) and y[1] == pytest.approx(0, abs=1e-12)
    plt.close(fig)


def test_heat_map_writes_every_number():
    _, ax = plt.subplots()
    heat_map(ax, [[0.5, 2.0], [np.inf, 12.0]], [1, 2], [3, 4], 0.1, 10)
    assert [text.get_text() for text in ax.texts] == [".50", "2.0", "∞", "12"]
    with pytest.raises(ValueError, match=r"shape \(2, 1\)"):
        heat_map(ax, [[0.5, 2.0]], [1, 2], [3], 0.1, 10)
    plt.close()


def test_random_chain_knows_its_slopes():
    w, slopes = normed.random_chain(4, 2.0, seed=3)
    tensor = torch.tensor(w, requires_grad=True)
    tensor.prod().backward()
    np.testing.assert_allclose(slopes, tensor.grad.numpy())
    np.testing.assert_allclose(w, 2 * normed.random_chain(4, 1.0, seed=3)[0])


def test_angles_turned_are_those_of_rotations():
    phases = np.array([0.0, 0.3, 0.3 + 1e-7, np.pi])
    walk = np.stack([np.cos(phases), np.sin(phases)], axis=-1) * np.array([1, 5, 0.1, 2])[:, None]
    np.testing.assert_allclose(normed.angles_turned(walk), np.diff(phases), rtol=1e-6)
