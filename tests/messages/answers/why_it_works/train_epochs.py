import copy

import numpy as np
import torch
from torch import nn
from torch.nn.functional import cross_entropy


def train_epochs__as_released(model, optimizer, train_set, val_set, epochs, batch_size, rng):
    r"""nothing mended"""
    losses, best = [], None
    (x, y), (x_val, y_val) = train_set, val_set
    model.train()
    for _ in range(epochs):
        order = rng.permutation(len(x))
        for start in range(0, len(x), batch_size):
            batch = order[start : start + batch_size]
            optimizer.zero_grad()
            loss = cross_entropy(model(x[batch]), y[batch])
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            losses.append(cross_entropy(model(x_val), y_val).item())
        model.eval()
        if losses[-1] == min(losses):
            best = dict(model.named_parameters())
    return losses, best


def train_epochs__mended_d(model, optimizer, train_set, val_set, epochs, batch_size, rng):
    r"""mended only: best is a copy"""
    losses, best = [], None
    (x, y), (x_val, y_val) = train_set, val_set
    model.train()
    for _ in range(epochs):
        order = rng.permutation(len(x))
        for start in range(0, len(x), batch_size):
            batch = order[start : start + batch_size]
            optimizer.zero_grad()
            loss = cross_entropy(model(x[batch]), y[batch])
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            losses.append(cross_entropy(model(x_val), y_val).item())
        model.eval()
        if losses[-1] == min(losses):
            best = {name: p.detach().clone() for name, p in model.named_parameters()}
    return losses, best


def train_epochs__mended_c(model, optimizer, train_set, val_set, epochs, batch_size, rng):
    r"""mended only: best has the buffers"""
    losses, best = [], None
    (x, y), (x_val, y_val) = train_set, val_set
    model.train()
    for _ in range(epochs):
        order = rng.permutation(len(x))
        for start in range(0, len(x), batch_size):
            batch = order[start : start + batch_size]
            optimizer.zero_grad()
            loss = cross_entropy(model(x[batch]), y[batch])
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            losses.append(cross_entropy(model(x_val), y_val).item())
        model.eval()
        if losses[-1] == min(losses):
            best = model.state_dict()
    return losses, best


def train_epochs__mended_cd(model, optimizer, train_set, val_set, epochs, batch_size, rng):
    r"""mended only: best has the buffers; best is a copy"""
    losses, best = [], None
    (x, y), (x_val, y_val) = train_set, val_set
    model.train()
    for _ in range(epochs):
        order = rng.permutation(len(x))
        for start in range(0, len(x), batch_size):
            batch = order[start : start + batch_size]
            optimizer.zero_grad()
            loss = cross_entropy(model(x[batch]), y[batch])
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            losses.append(cross_entropy(model(x_val), y_val).item())
        model.eval()
        if losses[-1] == min(losses):
            best = copy.deepcopy(model.state_dict())
    return losses, best


def train_epochs__mended_b(model, optimizer, train_set, val_set, epochs, batch_size, rng):
    r"""mended only: eval comes before the look"""
    losses, best = [], None
    (x, y), (x_val, y_val) = train_set, val_set
    model.train()
    for _ in range(epochs):
        order = rng.permutation(len(x))
        for start in range(0, len(x), batch_size):
            batch = order[start : start + batch_size]
            optimizer.zero_grad()
            loss = cross_entropy(model(x[batch]), y[batch])
            loss.backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            losses.append(cross_entropy(model(x_val), y_val).item())
        if losses[-1] == min(losses):
            best = dict(model.named_parameters())
    return losses, best


def train_epochs__mended_bd(model, optimizer, train_set, val_set, epochs, batch_size, rng):
    r"""mended only: eval comes before the look; best is a copy"""
    losses, best = [], None
    (x, y), (x_val, y_val) = train_set, val_set
    model.train()
    for _ in range(epochs):
        order = rng.permutation(len(x))
        for start in range(0, len(x), batch_size):
            batch = order[start : start + batch_size]
            optimizer.zero_grad()
            loss = cross_entropy(model(x[batch]), y[batch])
            loss.backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            losses.append(cross_entropy(model(x_val), y_val).item())
        if losses[-1] == min(losses):
            best = {name: p.detach().clone() for name, p in model.named_parameters()}
    return losses, best


def train_epochs__mended_bc(model, optimizer, train_set, val_set, epochs, batch_size, rng):
    r"""mended only: eval comes before the look; best has the buffers"""
    losses, best = [], None
    (x, y), (x_val, y_val) = train_set, val_set
    model.train()
    for _ in range(epochs):
        order = rng.permutation(len(x))
        for start in range(0, len(x), batch_size):
            batch = order[start : start + batch_size]
            optimizer.zero_grad()
            loss = cross_entropy(model(x[batch]), y[batch])
            loss.backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            losses.append(cross_entropy(model(x_val), y_val).item())
        if losses[-1] == min(losses):
            best = model.state_dict()
    return losses, best


def train_epochs__mended_bcd(model, optimizer, train_set, val_set, epochs, batch_size, rng):
    r"""mended only: eval comes before the look; best has the buffers; best is a copy"""
    losses, best = [], None
    (x, y), (x_val, y_val) = train_set, val_set
    model.train()
    for _ in range(epochs):
        order = rng.permutation(len(x))
        for start in range(0, len(x), batch_size):
            batch = order[start : start + batch_size]
            optimizer.zero_grad()
            loss = cross_entropy(model(x[batch]), y[batch])
            loss.backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            losses.append(cross_entropy(model(x_val), y_val).item())
        if losses[-1] == min(losses):
            best = copy.deepcopy(model.state_dict())
    return losses, best


def train_epochs__mended_a(model, optimizer, train_set, val_set, epochs, batch_size, rng):
    r"""mended only: train mode is set in each epoch"""
    losses, best = [], None
    (x, y), (x_val, y_val) = train_set, val_set
    for _ in range(epochs):
        model.train()
        order = rng.permutation(len(x))
        for start in range(0, len(x), batch_size):
            batch = order[start : start + batch_size]
            optimizer.zero_grad()
            loss = cross_entropy(model(x[batch]), y[batch])
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            losses.append(cross_entropy(model(x_val), y_val).item())
        model.eval()
        if losses[-1] == min(losses):
            best = dict(model.named_parameters())
    return losses, best


def train_epochs__mended_ad(model, optimizer, train_set, val_set, epochs, batch_size, rng):
    r"""mended only: train mode is set in each epoch; best is a copy"""
    losses, best = [], None
    (x, y), (x_val, y_val) = train_set, val_set
    for _ in range(epochs):
        model.train()
        order = rng.permutation(len(x))
        for start in range(0, len(x), batch_size):
            batch = order[start : start + batch_size]
            optimizer.zero_grad()
            loss = cross_entropy(model(x[batch]), y[batch])
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            losses.append(cross_entropy(model(x_val), y_val).item())
        model.eval()
        if losses[-1] == min(losses):
            best = {name: p.detach().clone() for name, p in model.named_parameters()}
    return losses, best


def train_epochs__mended_ac(model, optimizer, train_set, val_set, epochs, batch_size, rng):
    r"""mended only: train mode is set in each epoch; best has the buffers"""
    losses, best = [], None
    (x, y), (x_val, y_val) = train_set, val_set
    for _ in range(epochs):
        model.train()
        order = rng.permutation(len(x))
        for start in range(0, len(x), batch_size):
            batch = order[start : start + batch_size]
            optimizer.zero_grad()
            loss = cross_entropy(model(x[batch]), y[batch])
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            losses.append(cross_entropy(model(x_val), y_val).item())
        model.eval()
        if losses[-1] == min(losses):
            best = model.state_dict()
    return losses, best


def train_epochs__mended_acd(model, optimizer, train_set, val_set, epochs, batch_size, rng):
    r"""mended only: train mode is set in each epoch; best has the buffers; best is a copy"""
    losses, best = [], None
    (x, y), (x_val, y_val) = train_set, val_set
    for _ in range(epochs):
        model.train()
        order = rng.permutation(len(x))
        for start in range(0, len(x), batch_size):
            batch = order[start : start + batch_size]
            optimizer.zero_grad()
            loss = cross_entropy(model(x[batch]), y[batch])
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            losses.append(cross_entropy(model(x_val), y_val).item())
        model.eval()
        if losses[-1] == min(losses):
            best = copy.deepcopy(model.state_dict())
    return losses, best


def train_epochs__mended_ab(model, optimizer, train_set, val_set, epochs, batch_size, rng):
    r"""mended only: train mode is set in each epoch; eval comes before the look"""
    losses, best = [], None
    (x, y), (x_val, y_val) = train_set, val_set
    for _ in range(epochs):
        model.train()
        order = rng.permutation(len(x))
        for start in range(0, len(x), batch_size):
            batch = order[start : start + batch_size]
            optimizer.zero_grad()
            loss = cross_entropy(model(x[batch]), y[batch])
            loss.backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            losses.append(cross_entropy(model(x_val), y_val).item())
        if losses[-1] == min(losses):
            best = dict(model.named_parameters())
    return losses, best


def train_epochs__mended_abd(model, optimizer, train_set, val_set, epochs, batch_size, rng):
    r"""mended only: train mode is set in each epoch; eval comes before the look; best is a copy"""
    losses, best = [], None
    (x, y), (x_val, y_val) = train_set, val_set
    for _ in range(epochs):
        model.train()
        order = rng.permutation(len(x))
        for start in range(0, len(x), batch_size):
            batch = order[start : start + batch_size]
            optimizer.zero_grad()
            loss = cross_entropy(model(x[batch]), y[batch])
            loss.backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            losses.append(cross_entropy(model(x_val), y_val).item())
        if losses[-1] == min(losses):
            best = {name: p.detach().clone() for name, p in model.named_parameters()}
    return losses, best


def train_epochs__mended_abc(model, optimizer, train_set, val_set, epochs, batch_size, rng):
    r"""mended only: train mode is set in each epoch; eval comes before the look; best has the buffers"""
    losses, best = [], None
    (x, y), (x_val, y_val) = train_set, val_set
    for _ in range(epochs):
        model.train()
        order = rng.permutation(len(x))
        for start in range(0, len(x), batch_size):
            batch = order[start : start + batch_size]
            optimizer.zero_grad()
            loss = cross_entropy(model(x[batch]), y[batch])
            loss.backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            losses.append(cross_entropy(model(x_val), y_val).item())
        if losses[-1] == min(losses):
            best = model.state_dict()
    return losses, best


def train_epochs__shallow_copy(model, optimizer, train_set, val_set, epochs, batch_size, rng):
    r"""copy.copy of the state: the tensors are still the model's"""
    losses, best = [], None
    (x, y), (x_val, y_val) = train_set, val_set
    for _ in range(epochs):
        model.train()
        order = rng.permutation(len(x))
        for start in range(0, len(x), batch_size):
            batch = order[start : start + batch_size]
            optimizer.zero_grad()
            loss = cross_entropy(model(x[batch]), y[batch])
            loss.backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            losses.append(cross_entropy(model(x_val), y_val).item())
        if losses[-1] == min(losses):
            best = copy.copy(model.state_dict())
    return losses, best


def train_epochs__detached_not_cloned(model, optimizer, train_set, val_set, epochs, batch_size, rng):
    r"""detach() without clone()"""
    losses, best = [], None
    (x, y), (x_val, y_val) = train_set, val_set
    for _ in range(epochs):
        model.train()
        order = rng.permutation(len(x))
        for start in range(0, len(x), batch_size):
            batch = order[start : start + batch_size]
            optimizer.zero_grad()
            loss = cross_entropy(model(x[batch]), y[batch])
            loss.backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            losses.append(cross_entropy(model(x_val), y_val).item())
        if losses[-1] == min(losses):
            best = {name: t.detach() for name, t in model.state_dict().items()}
    return losses, best


def train_epochs__buffers_only(model, optimizer, train_set, val_set, epochs, batch_size, rng):
    r"""clones the buffers and forgets the parameters"""
    losses, best = [], None
    (x, y), (x_val, y_val) = train_set, val_set
    for _ in range(epochs):
        model.train()
        order = rng.permutation(len(x))
        for start in range(0, len(x), batch_size):
            batch = order[start : start + batch_size]
            optimizer.zero_grad()
            loss = cross_entropy(model(x[batch]), y[batch])
            loss.backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            losses.append(cross_entropy(model(x_val), y_val).item())
        if losses[-1] == min(losses):
            best = {name: t.clone() for name, t in model.named_buffers()}
    return losses, best


def train_epochs__floats_only(model, optimizer, train_set, val_set, epochs, batch_size, rng):
    r"""clones only the floating-point entries, num_batches_tracked is missing"""
    losses, best = [], None
    (x, y), (x_val, y_val) = train_set, val_set
    for _ in range(epochs):
        model.train()
        order = rng.permutation(len(x))
        for start in range(0, len(x), batch_size):
            batch = order[start : start + batch_size]
            optimizer.zero_grad()
            loss = cross_entropy(model(x[batch]), y[batch])
            loss.backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            losses.append(cross_entropy(model(x_val), y_val).item())
        if losses[-1] == min(losses):
            best = {name: t.clone() for name, t in model.state_dict().items() if t.is_floating_point()}
    return losses, best


def train_epochs__a_whole_model(model, optimizer, train_set, val_set, epochs, batch_size, rng):
    r"""best is a copy of the model, not a dict"""
    losses, best = [], None
    (x, y), (x_val, y_val) = train_set, val_set
    for _ in range(epochs):
        model.train()
        order = rng.permutation(len(x))
        for start in range(0, len(x), batch_size):
            batch = order[start : start + batch_size]
            optimizer.zero_grad()
            loss = cross_entropy(model(x[batch]), y[batch])
            loss.backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            losses.append(cross_entropy(model(x_val), y_val).item())
        if losses[-1] == min(losses):
            best = copy.deepcopy(model)
    return losses, best


def train_epochs__numpy_arrays(model, optimizer, train_set, val_set, epochs, batch_size, rng):
    r"""best holds NumPy arrays"""
    losses, best = [], None
    (x, y), (x_val, y_val) = train_set, val_set
    for _ in range(epochs):
        model.train()
        order = rng.permutation(len(x))
        for start in range(0, len(x), batch_size):
            batch = order[start : start + batch_size]
            optimizer.zero_grad()
            loss = cross_entropy(model(x[batch]), y[batch])
            loss.backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            losses.append(cross_entropy(model(x_val), y_val).item())
        if losses[-1] == min(losses):
            best = {name: t.detach().cpu().numpy().copy() for name, t in model.state_dict().items()}
    return losses, best


def train_epochs__train_back_after_look(model, optimizer, train_set, val_set, epochs, batch_size, rng):
    r"""switches back after the look, so the model is left in train mode"""
    losses, best = [], None
    (x, y), (x_val, y_val) = train_set, val_set
    model.train()
    for _ in range(epochs):
        order = rng.permutation(len(x))
        for start in range(0, len(x), batch_size):
            batch = order[start : start + batch_size]
            optimizer.zero_grad()
            loss = cross_entropy(model(x[batch]), y[batch])
            loss.backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            losses.append(cross_entropy(model(x_val), y_val).item())
        model.train()
        if losses[-1] == min(losses):
            best = copy.deepcopy(model.state_dict())
    return losses, best


def train_epochs__look_in_batches(model, optimizer, train_set, val_set, epochs, batch_size, rng):
    r"""looks in batches and averages their means"""
    losses, best = [], None
    (x, y), (x_val, y_val) = train_set, val_set
    for _ in range(epochs):
        model.train()
        order = rng.permutation(len(x))
        for start in range(0, len(x), batch_size):
            batch = order[start : start + batch_size]
            optimizer.zero_grad()
            loss = cross_entropy(model(x[batch]), y[batch])
            loss.backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            parts = zip(x_val.split(batch_size), y_val.split(batch_size))
            losses.append(float(np.mean([cross_entropy(model(a), b).item() for a, b in parts])))
        if losses[-1] == min(losses):
            best = copy.deepcopy(model.state_dict())
    return losses, best


def train_epochs__highest_loss(model, optimizer, train_set, val_set, epochs, batch_size, rng):
    r"""keeps the worst epoch"""
    losses, best = [], None
    (x, y), (x_val, y_val) = train_set, val_set
    for _ in range(epochs):
        model.train()
        order = rng.permutation(len(x))
        for start in range(0, len(x), batch_size):
            batch = order[start : start + batch_size]
            optimizer.zero_grad()
            loss = cross_entropy(model(x[batch]), y[batch])
            loss.backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            losses.append(cross_entropy(model(x_val), y_val).item())
        if losses[-1] == max(losses):
            best = copy.deepcopy(model.state_dict())
    return losses, best


def train_epochs__better_than_before(model, optimizer, train_set, val_set, epochs, batch_size, rng):
    r"""compares with the epoch before only"""
    losses, best = [], None
    (x, y), (x_val, y_val) = train_set, val_set
    for _ in range(epochs):
        model.train()
        order = rng.permutation(len(x))
        for start in range(0, len(x), batch_size):
            batch = order[start : start + batch_size]
            optimizer.zero_grad()
            loss = cross_entropy(model(x[batch]), y[batch])
            loss.backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            losses.append(cross_entropy(model(x_val), y_val).item())
        if len(losses) < 2 or losses[-1] < losses[-2]:
            best = copy.deepcopy(model.state_dict())
    return losses, best


def train_epochs__last_epoch(model, optimizer, train_set, val_set, epochs, batch_size, rng):
    r"""keeps the last epoch"""
    losses, best = [], None
    (x, y), (x_val, y_val) = train_set, val_set
    for _ in range(epochs):
        model.train()
        order = rng.permutation(len(x))
        for start in range(0, len(x), batch_size):
            batch = order[start : start + batch_size]
            optimizer.zero_grad()
            loss = cross_entropy(model(x[batch]), y[batch])
            loss.backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            losses.append(cross_entropy(model(x_val), y_val).item())
        best = copy.deepcopy(model.state_dict())
    return losses, best


def train_epochs__best_loaded(model, optimizer, train_set, val_set, epochs, batch_size, rng):
    r"""puts the best weights into the model at the end"""
    losses, best = [], None
    (x, y), (x_val, y_val) = train_set, val_set
    for _ in range(epochs):
        model.train()
        order = rng.permutation(len(x))
        for start in range(0, len(x), batch_size):
            batch = order[start : start + batch_size]
            optimizer.zero_grad()
            loss = cross_entropy(model(x[batch]), y[batch])
            loss.backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            losses.append(cross_entropy(model(x_val), y_val).item())
        if losses[-1] == min(losses):
            best = copy.deepcopy(model.state_dict())
    model.load_state_dict(best)
    return losses, best


def train_epochs__one_permutation(model, optimizer, train_set, val_set, epochs, batch_size, rng):
    r"""one order for all epochs"""
    losses, best = [], None
    (x, y), (x_val, y_val) = train_set, val_set
    order = rng.permutation(len(x))
    for _ in range(epochs):
        model.train()
        for start in range(0, len(x), batch_size):
            batch = order[start : start + batch_size]
            optimizer.zero_grad()
            loss = cross_entropy(model(x[batch]), y[batch])
            loss.backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            losses.append(cross_entropy(model(x_val), y_val).item())
        if losses[-1] == min(losses):
            best = copy.deepcopy(model.state_dict())
    return losses, best


def train_epochs__last_batch_dropped(model, optimizer, train_set, val_set, epochs, batch_size, rng):
    r"""drops the smaller batch at the end"""
    losses, best = [], None
    (x, y), (x_val, y_val) = train_set, val_set
    for _ in range(epochs):
        model.train()
        order = rng.permutation(len(x))
        for start in range(0, len(x) - batch_size + 1, batch_size):
            batch = order[start : start + batch_size]
            optimizer.zero_grad()
            loss = cross_entropy(model(x[batch]), y[batch])
            loss.backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            losses.append(cross_entropy(model(x_val), y_val).item())
        if losses[-1] == min(losses):
            best = copy.deepcopy(model.state_dict())
    return losses, best


def train_epochs__momentum_zero_look(model, optimizer, train_set, val_set, epochs, batch_size, rng):
    r"""looks in train mode with momentum 0: no trace, but the batch's own statistics"""
    losses, best = [], None
    (x, y), (x_val, y_val) = train_set, val_set
    for _ in range(epochs):
        model.train()
        order = rng.permutation(len(x))
        for start in range(0, len(x), batch_size):
            batch = order[start : start + batch_size]
            optimizer.zero_grad()
            loss = cross_entropy(model(x[batch]), y[batch])
            loss.backward()
            optimizer.step()
        norms = [layer for layer in model.modules() if isinstance(layer, nn.BatchNorm1d)]
        momenta = [norm.momentum for norm in norms]
        for norm in norms:
            norm.momentum = 0.0
        with torch.no_grad():
            losses.append(cross_entropy(model(x_val), y_val).item())
        for norm, momentum in zip(norms, momenta):
            norm.momentum = momentum
        model.eval()
        if losses[-1] == min(losses):
            best = copy.deepcopy(model.state_dict())
    return losses, best


def train_epochs__state_restored_after_look(model, optimizer, train_set, val_set, epochs, batch_size, rng):
    r"""looks in train mode and puts the state back"""
    losses, best = [], None
    (x, y), (x_val, y_val) = train_set, val_set
    for _ in range(epochs):
        model.train()
        order = rng.permutation(len(x))
        for start in range(0, len(x), batch_size):
            batch = order[start : start + batch_size]
            optimizer.zero_grad()
            loss = cross_entropy(model(x[batch]), y[batch])
            loss.backward()
            optimizer.step()
        state = copy.deepcopy(model.state_dict())
        with torch.no_grad():
            losses.append(cross_entropy(model(x_val), y_val).item())
        model.load_state_dict(state)
        model.eval()
        if losses[-1] == min(losses):
            best = copy.deepcopy(model.state_dict())
    return losses, best


def train_epochs__eval_after_updates_of_first(model, optimizer, train_set, val_set, epochs, batch_size, rng):
    r"""eval before the look, train only before the first epoch and after a best one"""
    losses, best = [], None
    (x, y), (x_val, y_val) = train_set, val_set
    model.train()
    for _ in range(epochs):
        order = rng.permutation(len(x))
        for start in range(0, len(x), batch_size):
            batch = order[start : start + batch_size]
            optimizer.zero_grad()
            loss = cross_entropy(model(x[batch]), y[batch])
            loss.backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            losses.append(cross_entropy(model(x_val), y_val).item())
        if losses[-1] == min(losses):
            best = copy.deepcopy(model.state_dict())
            model.train()
    model.eval()
    return losses, best


def train_epochs__training_losses(model, optimizer, train_set, val_set, epochs, batch_size, rng):
    r"""losses of the last batch instead of the held-out ones"""
    losses, best = [], None
    (x, y), (x_val, y_val) = train_set, val_set
    for _ in range(epochs):
        model.train()
        order = rng.permutation(len(x))
        for start in range(0, len(x), batch_size):
            batch = order[start : start + batch_size]
            optimizer.zero_grad()
            loss = cross_entropy(model(x[batch]), y[batch])
            loss.backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            losses.append(loss.item())
        if losses[-1] == min(losses):
            best = copy.deepcopy(model.state_dict())
    return losses, best


def train_epochs__sum_of_losses(model, optimizer, train_set, val_set, epochs, batch_size, rng):
    r"""the held-out loss is a sum"""
    losses, best = [], None
    (x, y), (x_val, y_val) = train_set, val_set
    for _ in range(epochs):
        model.train()
        order = rng.permutation(len(x))
        for start in range(0, len(x), batch_size):
            batch = order[start : start + batch_size]
            optimizer.zero_grad()
            loss = cross_entropy(model(x[batch]), y[batch])
            loss.backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            losses.append(cross_entropy(model(x_val), y_val, reduction="sum").item())
        if losses[-1] == min(losses):
            best = copy.deepcopy(model.state_dict())
    return losses, best


def train_epochs__look_before_training(model, optimizer, train_set, val_set, epochs, batch_size, rng):
    r"""looks before each epoch instead of after it"""
    losses, best = [], None
    (x, y), (x_val, y_val) = train_set, val_set
    for _ in range(epochs):
        model.eval()
        with torch.no_grad():
            losses.append(cross_entropy(model(x_val), y_val).item())
        if losses[-1] == min(losses):
            best = copy.deepcopy(model.state_dict())
        model.train()
        order = rng.permutation(len(x))
        for start in range(0, len(x), batch_size):
            batch = order[start : start + batch_size]
            optimizer.zero_grad()
            loss = cross_entropy(model(x[batch]), y[batch])
            loss.backward()
            optimizer.step()
    model.eval()
    return losses, best


def train_epochs__zero_grad_once(model, optimizer, train_set, val_set, epochs, batch_size, rng):
    r"""gradients are cleared once an epoch"""
    losses, best = [], None
    (x, y), (x_val, y_val) = train_set, val_set
    for _ in range(epochs):
        model.train()
        optimizer.zero_grad()
        order = rng.permutation(len(x))
        for start in range(0, len(x), batch_size):
            batch = order[start : start + batch_size]
            loss = cross_entropy(model(x[batch]), y[batch])
            loss.backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            losses.append(cross_entropy(model(x_val), y_val).item())
        if losses[-1] == min(losses):
            best = copy.deepcopy(model.state_dict())
    return losses, best


def train_epochs__recalibrated_on_held_out(model, optimizer, train_set, val_set, epochs, batch_size, rng):
    r"""a pass over the held-out examples in train mode before the look"""
    losses, best = [], None
    (x, y), (x_val, y_val) = train_set, val_set
    for _ in range(epochs):
        model.train()
        order = rng.permutation(len(x))
        for start in range(0, len(x), batch_size):
            batch = order[start : start + batch_size]
            optimizer.zero_grad()
            loss = cross_entropy(model(x[batch]), y[batch])
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            model(x_val)
        model.eval()
        with torch.no_grad():
            losses.append(cross_entropy(model(x_val), y_val).item())
        if losses[-1] == min(losses):
            best = copy.deepcopy(model.state_dict())
    return losses, best


def train_epochs__best_before_update(model, optimizer, train_set, val_set, epochs, batch_size, rng):
    r"""the state is copied at the start of the epoch"""
    losses, best = [], None
    (x, y), (x_val, y_val) = train_set, val_set
    for _ in range(epochs):
        model.train()
        state = copy.deepcopy(model.state_dict())
        order = rng.permutation(len(x))
        for start in range(0, len(x), batch_size):
            batch = order[start : start + batch_size]
            optimizer.zero_grad()
            loss = cross_entropy(model(x[batch]), y[batch])
            loss.backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            losses.append(cross_entropy(model(x_val), y_val).item())
        if losses[-1] == min(losses):
            best = state
    return losses, best


def train_epochs__norms_only_switched(model, optimizer, train_set, val_set, epochs, batch_size, rng):
    r"""eval only for the norms, and never back"""
    losses, best = [], None
    (x, y), (x_val, y_val) = train_set, val_set
    model.train()
    for _ in range(epochs):
        order = rng.permutation(len(x))
        for start in range(0, len(x), batch_size):
            batch = order[start : start + batch_size]
            optimizer.zero_grad()
            loss = cross_entropy(model(x[batch]), y[batch])
            loss.backward()
            optimizer.step()
        for layer in model.modules():
            if isinstance(layer, nn.BatchNorm1d):
                layer.eval()
        with torch.no_grad():
            losses.append(cross_entropy(model(x_val), y_val).item())
        if losses[-1] == min(losses):
            best = copy.deepcopy(model.state_dict())
    return losses, best


def train_epochs__clone_of_wrong_names(model, optimizer, train_set, val_set, epochs, batch_size, rng):
    r"""clones the parameters, and the buffers by reference"""
    losses, best = [], None
    (x, y), (x_val, y_val) = train_set, val_set
    for _ in range(epochs):
        model.train()
        order = rng.permutation(len(x))
        for start in range(0, len(x), batch_size):
            batch = order[start : start + batch_size]
            optimizer.zero_grad()
            loss = cross_entropy(model(x[batch]), y[batch])
            loss.backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            losses.append(cross_entropy(model(x_val), y_val).item())
        if losses[-1] == min(losses):
            best = {**model.state_dict(), **{name: p.detach().clone() for name, p in model.named_parameters()}}
    return losses, best


def train_epochs__with_replacement(model, optimizer, train_set, val_set, epochs, batch_size, rng):
    r"""draws the order with replacement"""
    losses, best = [], None
    (x, y), (x_val, y_val) = train_set, val_set
    for _ in range(epochs):
        model.train()
        order = rng.integers(len(x), size=len(x))
        for start in range(0, len(x), batch_size):
            batch = order[start : start + batch_size]
            optimizer.zero_grad()
            loss = cross_entropy(model(x[batch]), y[batch])
            loss.backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            losses.append(cross_entropy(model(x_val), y_val).item())
        if losses[-1] == min(losses):
            best = copy.deepcopy(model.state_dict())
    return losses, best
