import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.functional import cross_entropy

from utils import landscapes, training
from utils.models import mlp

SIZES, STEPS, BATCH = (5, 7, 3), 20, 8


@pytest.fixture(scope="module")
def data():
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(30, 5, generator=generator, dtype=torch.float64)
    return x, torch.randint(0, 3, (30,), generator=generator)


def build(seed):
    return mlp(SIZES, activation="tanh", seed=seed).double()


def plain_loop(data, setting, optimizer, schedule=None):
    """The oracle: torch.optim, one setting, nothing clever. Returns minibatch losses and the final weights."""
    arguments = {key: value for key, value in setting.items() if key != "seed"}
    seed = setting.get("seed", 0)
    model = build(seed)
    opt = optimizer(model.parameters(), **arguments)
    losses = []
    for k, rows in enumerate(training.batch_indices(len(data[0]), BATCH, STEPS, seed)):
        if schedule:
            opt.param_groups[0]["lr"] = schedule(k, setting["lr"])
        opt.zero_grad()
        loss = cross_entropy(model(data[0][rows]), data[1][rows])
        loss.backward()
        opt.step()
        losses.append(loss.item())
    return np.array(losses), [p.detach() for p in model.parameters()]


def halving(k, lr):
    return lr / (1 + k // 5)


CASES = {
    "SGD": (torch.optim.SGD, training.grid(lr=[0.01, 0.3]), None),
    "SGD, scheduled": (torch.optim.SGD, training.grid(lr=[0.1, 0.3], momentum=0.9), halving),
    "SGD, momentum and nesterov mixed": (
        torch.optim.SGD,
        training.grid(lr=[0.01, 0.3], momentum=[0.5, 0.9], nesterov=[False, True]),
        None,
    ),
    "SGD, weight decay": (torch.optim.SGD, training.grid(lr=[0.01, 0.3], weight_decay=0.1), None),
    "SGD, seeds": (torch.optim.SGD, training.grid(lr=[0.01, 0.3], momentum=[0, 0.9], seed=[0, 1, 2]), None),
    "Adam": (torch.optim.Adam, training.grid(lr=[0.001, 0.1]), None),
    "AdamW, scheduled": (torch.optim.AdamW, training.grid(lr=[0.001, 0.1], weight_decay=0.2), halving),
    "RMSprop": (torch.optim.RMSprop, training.grid(lr=[0.001, 0.1], momentum=0.9), None),
    "Adagrad": (torch.optim.Adagrad, training.grid(lr=[0.001, 0.1]), None),
    "NAdam": (torch.optim.NAdam, training.grid(lr=[0.001, 0.1]), None),
    "Adamax": (torch.optim.Adamax, training.grid(lr=[0.001, 0.1]), None),
    "Adadelta": (torch.optim.Adadelta, training.grid(lr=[0.1, 1.0]), None),
}


@pytest.mark.parametrize("case", CASES)
def test_sweep_equals_a_loop(case, data):
    optimizer, settings, schedule = CASES[case]
    history = training.sweep(
        build, data, settings, optimizer=optimizer, steps=STEPS, batch_size=BATCH, schedule=schedule
    )
    for i, setting in enumerate(settings):
        losses, weights = plain_loop(data, setting, optimizer, schedule)
        np.testing.assert_allclose(history.loss[i], losses, rtol=1e-6)  # recorded in float32
        for stacked, p in zip(history.parameters.values(), weights, strict=True):
            torch.testing.assert_close(stacked[i], p, rtol=1e-8, atol=1e-10)


def test_sweep_evaluates_like_the_single_model(data):
    history = training.sweep(build, data, training.grid(lr=[0.1, 0.3]), steps=STEPS, batch_size=BATCH, eval_every=8)
    model = build(0)
    model.load_state_dict({name: p[1] for name, p in history.parameters.items()})
    logits = model(data[0])
    assert history.eval_steps.tolist() == [8, 16, 20]
    assert history.eval_loss[1, -1] == pytest.approx(cross_entropy(logits, data[1]).item())
    assert history.eval_accuracy[1, -1] == pytest.approx((logits.argmax(1) == data[1]).double().mean().item())


def test_sweep_looks_at_several_sets_at_once(data):
    settings, few = training.grid(lr=[0.1, 0.3], seed=[0, 1]), (data[0][:7], data[1][:7])
    options = {"steps": 6, "batch_size": BATCH, "eval_every": 2}
    history = training.sweep(build, data, settings, evaluate={"all": data, "few": few}, **options)
    for name, pair in (("all", data), ("few", few)):
        alone = training.sweep(build, data, settings, evaluate=pair, **options)
        assert history.eval_loss[name].shape == (4, 3)
        assert np.array_equal(history.eval_loss[name], alone.eval_loss)
        assert np.array_equal(history.eval_accuracy[name], alone.eval_accuracy)
    assert history.eval_steps.tolist() == [2, 4, 6]


def test_sweep_takes_another_loss(data):
    def loss_fn(logits, labels):
        return cross_entropy(logits, labels, label_smoothing=0.0) + 0  # equal, but not torch's own function

    settings = training.grid(lr=[0.01, 0.3], seed=[0, 1])
    ours, torchs = (
        training.sweep(build, data, settings, steps=STEPS, batch_size=BATCH, **choice)
        for choice in ({"loss_fn": loss_fn}, {})
    )
    np.testing.assert_allclose(ours.loss, torchs.loss, rtol=1e-6)
    np.testing.assert_allclose(ours.eval_loss, torchs.eval_loss, rtol=1e-9)


NORMED = {
    "hidden layers": lambda: nn.Sequential(nn.Linear(5, 7), nn.BatchNorm1d(7), nn.ReLU(), nn.Linear(7, 3)),
    "inputs": lambda: nn.Sequential(nn.BatchNorm1d(5), nn.Linear(5, 3)),
    "another momentum and eps": lambda: nn.Sequential(
        nn.Linear(5, 4), nn.BatchNorm1d(4, momentum=0.3, eps=0.1), nn.Tanh(), nn.Linear(4, 3)
    ),
    "cumulative average": lambda: nn.Sequential(nn.Linear(5, 4), nn.BatchNorm1d(4, momentum=None), nn.Linear(4, 3)),
    "nothing to learn": lambda: nn.Sequential(nn.Linear(5, 4), nn.BatchNorm1d(4, affine=False), nn.Linear(4, 3)),
    "two norms": lambda: nn.Sequential(
        *(nn.Linear(5, 6), nn.BatchNorm1d(6), nn.ReLU()), nn.Linear(6, 4), nn.BatchNorm1d(4), nn.ReLU(), nn.Linear(4, 3)
    ),
}


def build_normed(make, seed):
    """A network whose statistics, too, start from the seed."""
    torch.manual_seed(seed)
    model = make().double()
    for module in model.modules():
        if isinstance(module, nn.BatchNorm1d):
            module.running_mean.normal_()
    return model


@pytest.mark.parametrize("seeds", [[0], [0, 1, 2]], ids=["one order", "orders"])
@pytest.mark.parametrize("name", NORMED)
def test_sweep_carries_running_statistics(name, seeds, data):
    settings, make = training.grid(lr=[0.01, 0.3], momentum=[0, 0.9], seed=seeds), NORMED[name]
    options = {"steps": STEPS, "batch_size": BATCH, "evaluate": (data[0][:9], data[1][:9]), "eval_every": 6}
    history = training.sweep(lambda seed: build_normed(make, seed), data, settings, **options)
    for i, setting in enumerate(settings):
        model = build_normed(make, setting["seed"])
        optimizer = torch.optim.SGD(model.parameters(), lr=setting["lr"], momentum=setting["momentum"])
        alone = training.train(model, data, optimizer, seed=setting["seed"], **options)
        np.testing.assert_allclose(history.loss[i], alone.loss, rtol=1e-6)
        np.testing.assert_allclose(history.eval_loss[i], alone.eval_loss, rtol=1e-8)
        for stacked, expected in ((history.parameters, model.parameters()), (history.buffers, model.buffers())):
            for ours, theirs in zip(stacked.values(), expected, strict=True):
                torch.testing.assert_close(ours[i], theirs, rtol=1e-8, atol=1e-10)


def test_sweep_looks_in_eval_mode_and_goes_on_in_train_mode(data):
    model, modes = build_normed(NORMED["hidden layers"], 0), []
    model.register_forward_pre_hook(lambda module, inputs: modes.append(module.training))
    before = [b.clone() for b in model.buffers()]
    training.sweep(lambda seed: model, data, [{"lr": 0.1}], steps=2, batch_size=BATCH, eval_every=1)
    assert modes == [True, False, True, False] and model.training
    assert all(torch.equal(old, b) for old, b in zip(before, model.buffers(), strict=True))


def test_sweep_lets_one_watch(data):
    def mean_of_the_statistics(model, parameters, buffers):
        assert not model.training and parameters["0.weight"].shape == (2, 7, 5)
        return buffers["1.num_batches_tracked"].item(), buffers["1.running_mean"].mean(1)

    history = training.sweep(
        lambda seed: build_normed(NORMED["hidden layers"], seed), data, training.grid(lr=[0.1, 0.3]),
        steps=6, batch_size=BATCH, eval_every=3, watch=mean_of_the_statistics,
    )  # fmt: skip
    assert [count for count, _ in history.watched] == [3, 6]
    torch.testing.assert_close(history.watched[-1][1], history.buffers["1.running_mean"].mean(1))


def test_sweep_survives_a_setting_that_diverges(data):
    history = training.sweep(build, data, training.grid(lr=[0.1, 1e200]), steps=STEPS, batch_size=BATCH)
    assert np.isfinite(history.loss[0]).all() and not np.isfinite(history.loss[1, -1])


def test_sweep_leaves_the_built_models_alone(data):
    model = build(0)
    before = [p.clone() for p in model.parameters()]
    training.sweep(lambda seed: model, data, [{"lr": 0.1}], steps=3, batch_size=BATCH)
    assert all(torch.equal(old, p) for old, p in zip(before, model.parameters(), strict=True))


REFUSED = {
    "no settings": (build, [], {}, "each a dict with an lr"),
    "no lr": (build, [{"momentum": 0.9}], {}, "each a dict with an lr"),
    "not linear in lr": (build, [{"lr": 0.1}], {"optimizer": torch.optim.Rprop}, "linear in lr, got Rprop"),
}


@pytest.mark.parametrize(("make", "settings", "options", "message"), REFUSED.values(), ids=REFUSED)
def test_sweep_refuses(make, settings, options, message, data):
    with pytest.raises(ValueError, match=message):
        training.sweep(make, data, settings, steps=1, **options)


def test_train_equals_a_loop(data):
    model = build(2)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.3, momentum=0.9)
    history = training.train(model, data, optimizer, steps=STEPS, batch_size=BATCH, seed=2, schedule=halving)
    losses, weights = plain_loop(data, {"lr": 0.3, "momentum": 0.9, "seed": 2}, torch.optim.SGD, halving)
    np.testing.assert_allclose(history.loss, losses, rtol=1e-6)
    assert all(torch.equal(p, q) for p, q in zip(model.parameters(), weights, strict=True))


def test_train_gives_the_optimizer_its_lr_back(data):
    model = build(0)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.3)
    training.train(model, data, optimizer, steps=STEPS, batch_size=BATCH, schedule=halving)
    assert optimizer.param_groups[0]["lr"] == 0.3


def test_train_evaluates_in_eval_mode(data):
    model = nn.Sequential(nn.Dropout(0.9), build(0))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    history = training.train(model, data, optimizer, steps=6, batch_size=BATCH, eval_every=4)
    assert model.training
    assert history.eval_steps.tolist() == [4, 6]
    assert history.eval_loss[-1] == pytest.approx(cross_entropy(model[1](data[0]), data[1]).item())


def test_batch_indices_show_every_example_once_a_pass():
    seen = training.batch_indices(12, 4, 6, seed=0).reshape(2, 12).numpy()
    np.testing.assert_array_equal(np.sort(seen, axis=1), [range(12)] * 2)
    assert (seen[0] != seen[1]).any()


def test_batch_indices_are_equal_batches_when_n_is_no_multiple():
    indices = training.batch_indices(10, 4, 5, seed=0)
    assert indices.shape == (5, 4) and np.bincount(indices.flatten()).tolist() == [2] * 10


@pytest.mark.parametrize("size", [0, 11])
def test_batch_indices_reject_impossible_sizes(size):
    with pytest.raises(ValueError, match=f"between 1 and 10, got {size}"):
        training.batch_indices(10, size, 1, seed=0)


def test_grid_lists_every_combination():
    assert training.grid(lr=[1, 2], seed=range(2), momentum=0.9) == [
        {"lr": lr, "seed": seed, "momentum": 0.9} for lr in (1, 2) for seed in (0, 1)
    ]


def test_history_selects_settings():
    history = training.History(*[np.zeros(0)] * 4, settings=training.grid(lr=[1, 2], seed=[0, 1]))
    assert history.select(lr=2).tolist() == [2, 3] and history.select(lr=2, seed=0).tolist() == [2]


def test_progress_bar_obeys_the_environment(data, capfd, monkeypatch):
    monkeypatch.setenv("TQDM_DISABLE", "1")
    training.sweep(build, data, [{"lr": 0.1}], steps=2, batch_size=BATCH)
    assert capfd.readouterr().err == ""


# trace: steps whose paths are known in closed form

LINE = landscapes.quadratic(hessian=np.eye(1))


def test_trace_feeds_theta_back():
    flat = landscapes.quadratic(hessian=np.eye(2))
    path = training.trace(lambda theta, grad: theta - 0.5 * grad, flat, 3, start=[8, -4])
    np.testing.assert_allclose(path, [[8, -4], [4, -2], [2, -1], [1, -0.5]])


def test_trace_feeds_the_state_back_in_order():
    seen = []

    def step(theta, count, total):
        seen.append((count, total))
        return theta, count + 1, total + count

    training.trace(step, LINE, 4, start=[0], state={"count": 0, "total": 0})
    assert seen == [(0, 0), (1, 0), (2, 1), (3, 3)]


def test_trace_counts_t_from_one_and_schedules_from_zero():
    path = training.trace(lambda theta, t, lr: theta + 10 * t + lr, LINE, 2, start=[0], lr=lambda k: k)
    np.testing.assert_allclose(path[:, 0], [0, 10, 31])


def test_trace_offers_another_gradient():
    path = training.trace(lambda theta, grad_fn: grad_fn(theta), LINE, 1, start=[3], gradient=lambda theta: theta + 1)
    np.testing.assert_allclose(path[:, 0], [3, 4])


def test_trace_runs_many_at_once():
    path = training.trace(lambda theta, grad: theta - grad, landscapes.beale(), 2, start=np.zeros((5, 2)))
    assert path.shape == (3, 5, 2)


@pytest.mark.parametrize(
    ("step", "message"),
    [
        (lambda theta: (theta, 0), r"expected \(theta, \), got 2"),
        (lambda theta: 0.0, r"shape \(2,\), got shape \(\)"),
    ],
)
def test_trace_rejects_what_is_no_step(step, message):
    with pytest.raises(ValueError, match=message):
        training.trace(step, landscapes.beale(), 1)
