import copy

import numpy as np
import torch
from torch import nn
from torch.nn.functional import cross_entropy


def _norms(model):
    return [layer for layer in model.modules() if isinstance(layer, nn.BatchNorm1d)]


def _pass(model, x):
    with torch.no_grad():
        model(x)


def recalibrate__momentum_stays_one(model, x):
    r"""the momentum is not given back"""
    was = model.training
    for norm in _norms(model):
        norm.momentum = 1.0
    model.train()
    _pass(model, x)
    model.train(was)


def recalibrate__left_in_train(model, x):
    r"""the mode is not given back"""
    norms = _norms(model)
    old = [norm.momentum for norm in norms]
    for norm in norms:
        norm.momentum = 1.0
    model.train()
    _pass(model, x)
    for norm, momentum in zip(norms, old):
        norm.momentum = momentum


def recalibrate__left_in_eval(model, x):
    r"""always eval in the end"""
    norms = _norms(model)
    old = [norm.momentum for norm in norms]
    for norm in norms:
        norm.momentum = 1.0
    model.train()
    _pass(model, x)
    for norm, momentum in zip(norms, old):
        norm.momentum = momentum
    model.eval()


def recalibrate__back_to_point_one(model, x):
    r"""every layer gets torch's default"""
    was = model.training
    for norm in _norms(model):
        norm.momentum = 1.0
    model.train()
    _pass(model, x)
    for norm in _norms(model):
        norm.momentum = 0.1
    model.train(was)


def recalibrate__one_momentum_for_all(model, x):
    r"""every layer gets that of the last"""
    was = model.training
    for norm in _norms(model):
        momentum = norm.momentum
        norm.momentum = 1.0
    model.train()
    _pass(model, x)
    for norm in _norms(model):
        norm.momentum = momentum
    model.train(was)


def recalibrate__momenta_reversed(model, x):
    r"""given back in the reverse order"""
    was, old = model.training, []
    for norm in _norms(model):
        old.append(norm.momentum)
        norm.momentum = 1.0
    model.train()
    _pass(model, x)
    for norm in _norms(model):
        norm.momentum = old.pop()
    model.train(was)


def recalibrate__mode_as_found(model, x):
    r"""never switches to train"""
    norms = _norms(model)
    old = [norm.momentum for norm in norms]
    for norm in norms:
        norm.momentum = 1.0
    _pass(model, x)
    for norm, momentum in zip(norms, old):
        norm.momentum = momentum


def recalibrate__eval_pass(model, x):
    r"""the pass is in eval, as one looks at a model"""
    was, norms = model.training, _norms(model)
    old = [norm.momentum for norm in norms]
    for norm in norms:
        norm.momentum = 1.0
    model.eval()
    _pass(model, x)
    for norm, momentum in zip(norms, old):
        norm.momentum = momentum
    model.train(was)


def recalibrate__mode_read_too_late(model, x):
    r"""asks for the mode after train()"""
    norms = _norms(model)
    old = [norm.momentum for norm in norms]
    for norm in norms:
        norm.momentum = 1.0
    model.train()
    was = model.training
    _pass(model, x)
    for norm, momentum in zip(norms, old):
        norm.momentum = momentum
    model.train(was)


def recalibrate__own_momentum(model, x):
    r"""resets, and passes with the momentum as it is"""
    was = model.training
    for norm in _norms(model):
        norm.reset_running_stats()
    model.train()
    _pass(model, x)
    model.train(was)


def recalibrate__plain_pass(model, x):
    r"""one pass in train mode, nothing forgotten"""
    was = model.training
    model.train()
    _pass(model, x)
    model.train(was)


def recalibrate__momentum_zero(model, x):
    r"""Keras's convention, momentum 0 forgets"""
    was, norms = model.training, _norms(model)
    old = [norm.momentum for norm in norms]
    for norm in norms:
        norm.momentum = 0.0
    model.train()
    _pass(model, x)
    for norm, momentum in zip(norms, old):
        norm.momentum = momentum
    model.train(was)


def recalibrate__top_level_only(model, x):
    r"""children(), not those inside containers"""
    was = model.training
    norms = [layer for layer in model.children() if isinstance(layer, nn.BatchNorm1d)]
    old = [norm.momentum for norm in norms]
    for norm in norms:
        norm.momentum = 1.0
    model.train()
    _pass(model, x)
    for norm, momentum in zip(norms, old):
        norm.momentum = momentum
    model.train(was)


def recalibrate__two_levels_only(model, x):
    r"""looks one container deep"""
    was = model.training
    layers = list(model.children())
    layers += [inner for layer in layers for inner in layer.children()]
    norms = [layer for layer in layers if isinstance(layer, nn.BatchNorm1d)]
    old = [norm.momentum for norm in norms]
    for norm in norms:
        norm.momentum = 1.0
    model.train()
    _pass(model, x)
    for norm, momentum in zip(norms, old):
        norm.momentum = momentum
    model.train(was)


def recalibrate__biased(model, x):
    r"""the variance divided by N"""
    was, norms = model.training, _norms(model)
    old = [norm.momentum for norm in norms]
    for norm in norms:
        norm.momentum = 1.0
    model.train()
    _pass(model, x)
    for norm, momentum in zip(norms, old):
        norm.momentum = momentum
        norm.running_var *= (len(x) - 1) / len(x)
    model.train(was)


def recalibrate__many_passes(model, x):
    r"""a hundred passes with the momentum as it is"""
    was = model.training
    model.train()
    for _ in range(100):
        _pass(model, x)
    model.train(was)


def recalibrate__batches_of_32(model, x):
    r"""passes in batches, the last one counts"""
    was, norms = model.training, _norms(model)
    old = [norm.momentum for norm in norms]
    for norm in norms:
        norm.momentum = 1.0
    model.train()
    for part in torch.split(x, 32):
        if len(part) > 1:
            _pass(model, part)
    for norm, momentum in zip(norms, old):
        norm.momentum = momentum
    model.train(was)


def recalibrate__averaged_batches(model, x):
    r"""the mean of the statistics of batches of 32"""
    was, norms = model.training, _norms(model)
    old = [norm.momentum for norm in norms]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None
    model.train()
    for part in torch.split(x, 32):
        if len(part) > 1:
            _pass(model, part)
    for norm, momentum in zip(norms, old):
        norm.momentum = momentum
    model.train(was)


def recalibrate__cumulative_without_reset(model, x):
    r"""momentum None averages with the batches counted before"""
    was, norms = model.training, _norms(model)
    old = [norm.momentum for norm in norms]
    for norm in norms:
        norm.momentum = None
    model.train()
    _pass(model, x)
    for norm, momentum in zip(norms, old):
        norm.momentum = momentum
    model.train(was)


def recalibrate__on_a_copy(model, x):
    r"""recalibrates a deep copy and drops it"""
    model = copy.deepcopy(model)
    for norm in _norms(model):
        norm.momentum = 1.0
    model.train()
    _pass(model, x)


def recalibrate__returns_a_copy(model, x):
    r"""the recalibrated model is a copy, which is returned"""
    new = copy.deepcopy(model)
    for norm in _norms(new):
        norm.momentum = 1.0
    new.train()
    _pass(new, x)
    for norm, of in zip(_norms(new), _norms(model)):
        norm.momentum = of.momentum
    new.train(model.training)
    return new


def recalibrate__only_the_mean(model, x):
    r"""puts the old variance back"""
    was, norms = model.training, _norms(model)
    old = [(norm.momentum, norm.running_var.clone()) for norm in norms]
    for norm in norms:
        norm.momentum = 1.0
    model.train()
    _pass(model, x)
    for norm, (momentum, var) in zip(norms, old):
        norm.momentum = momentum
        norm.running_var.copy_(var)
    model.train(was)


def recalibrate__state_put_back(model, x):
    r"""puts the whole state back afterwards, statistics included"""
    was, norms = model.training, _norms(model)
    old, state = [norm.momentum for norm in norms], copy.deepcopy(model.state_dict())
    for norm in norms:
        norm.momentum = 1.0
    model.train()
    _pass(model, x)
    model.load_state_dict(state)
    for norm, momentum in zip(norms, old):
        norm.momentum = momentum
    model.train(was)


def recalibrate__first_norm_only(model, x):
    r"""only the first norm forgets"""
    was, norm = model.training, _norms(model)[0]
    old = norm.momentum
    norm.momentum = 1.0
    model.train()
    _pass(model, x)
    norm.momentum = old
    model.train(was)


def recalibrate__one_minus_momentum(model, x):
    r"""turns momentum round and round again"""
    was = model.training
    for norm in _norms(model):
        norm.reset_running_stats()
        norm.momentum = 1 - norm.momentum
    model.train()
    _pass(model, x)
    for norm in _norms(model):
        norm.momentum = 1 - norm.momentum
    model.train(was)


def recalibrate__hooks_in_eval(model, x):
    r"""measures the norms' inputs while all layers below still use the old statistics"""
    was, seen, hooks = model.training, {}, []
    for norm in _norms(model):
        hooks.append(norm.register_forward_hook(lambda layer, given, out: seen.__setitem__(layer, given[0])))
    model.eval()
    _pass(model, x)
    for hook in hooks:
        hook.remove()
    for norm, given in seen.items():
        norm.running_mean.copy_(given.mean(dim=0))
        norm.running_var.copy_(given.var(dim=0))
    model.train(was)


def recalibrate__statistics_of_outputs(model, x):
    r"""measures what comes out of the norms"""
    was, seen, hooks = model.training, {}, []
    for norm in _norms(model):
        hooks.append(norm.register_forward_hook(lambda layer, given, out: seen.__setitem__(layer, out.clone())))
    model.train()
    _pass(model, x)
    for hook in hooks:
        hook.remove()
    for norm, out in seen.items():
        norm.running_mean.copy_(out.mean(dim=0))
        norm.running_var.copy_(out.var(dim=0))
    model.train(was)


def recalibrate__momentum_back_in_eval_only(model, x):
    r"""gives the momentum back only if the model was in eval"""
    was, norms = model.training, _norms(model)
    old = [norm.momentum for norm in norms]
    for norm in norms:
        norm.momentum = 1.0
    model.train()
    _pass(model, x)
    if not was:
        model.eval()
        for norm, momentum in zip(norms, old):
            norm.momentum = momentum


def recalibrate__half_of_x(model, x):
    r"""half of the examples are enough"""
    was, norms = model.training, _norms(model)
    old = [norm.momentum for norm in norms]
    for norm in norms:
        norm.momentum = 1.0
    model.train()
    _pass(model, x[: max(2, len(x) // 2)])
    for norm, momentum in zip(norms, old):
        norm.momentum = momentum
    model.train(was)


def recalibrate__sequential_only(model, x):
    r"""loops over the model as over a Sequential"""
    was = model.training
    norms = [layer for layer in model if isinstance(layer, nn.BatchNorm1d)]
    old = [norm.momentum for norm in norms]
    for norm in norms:
        norm.momentum = 1.0
    model.train()
    _pass(model, x)
    for norm, momentum in zip(norms, old):
        norm.momentum = momentum
    model.train(was)


def recalibrate__affine_reset_too(model, x):
    r"""reset_parameters() forgets gamma and beta as well"""
    was, norms = model.training, _norms(model)
    old = [norm.momentum for norm in norms]
    for norm in norms:
        norm.reset_parameters()
        norm.momentum = 1.0
    model.train()
    _pass(model, x)
    for norm, momentum in zip(norms, old):
        norm.momentum = momentum
    model.train(was)


def recalibrate__input_standardized(model, x):
    r"""standardizes x before the pass"""
    was, norms = model.training, _norms(model)
    old = [norm.momentum for norm in norms]
    for norm in norms:
        norm.momentum = 1.0
    model.train()
    _pass(model, (x - x.mean(dim=0)) / (x.std(dim=0) + 1e-5))
    for norm, momentum in zip(norms, old):
        norm.momentum = momentum
    model.train(was)
