# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
r"""
# Steps

A notebook that tests hand in, with seven short exercises.
"""

# %%
import numpy as np
import torch

from utils import landscapes
from utils.check import check

# %% [markdown]
r"""
## `sgd_step` (2 points)
"""


# %% nbgrader={"grade": false, "grade_id": "sgd-step", "locked": false, "schema_version": 3, "solution": true}
def sgd_step(theta, grad, lr):
    """Take one step against the gradient. The inputs are not modified."""
    ### BEGIN SOLUTION
    return theta - lr * grad
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "sgd-step-check", "locked": true, "points": 2, "schema_version": 3, "solution": false}
check(sgd_step)

# %% tags=["experiment"]
theta = sgd_step(np.ones(2), landscapes.quadratic(np.eye(2)).gradient(np.ones(2)), 0.5)
print(theta, torch.tensor(theta).sum())

# %% [markdown]
r"""
## `linear_decay` (2 points)
"""


# %% nbgrader={"grade": false, "grade_id": "linear-decay", "locked": false, "schema_version": 3, "solution": true}
def linear_decay(k, lr0, lr_tau, tau):
    """Return a rate that falls on a line from lr0 to lr_tau at tau, and stays there."""
    ### BEGIN SOLUTION
    done = min(k / tau, 1)
    return (1 - done) * lr0 + done * lr_tau
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "linear-decay-check", "locked": true, "points": 2, "schema_version": 3, "solution": false}
check(linear_decay)

# %% [markdown]
r"""
## `exponential_decay` (2 points)
"""


# %% nbgrader={"grade": false, "grade_id": "exponential-decay", "locked": false, "schema_version": 3, "solution": true}
def exponential_decay(k, lr0, rate):
    """Return a rate that falls exponentially."""
    ### BEGIN SOLUTION
    return lr0 * float(np.exp(-rate * k))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "exponential-decay-check", "locked": true, "points": 2, "schema_version": 3, "solution": false}
check(exponential_decay)

# %% [markdown]
r"""
## `exponential_average` (4 points)
"""


# %% nbgrader={"grade": false, "grade_id": "exponential-average", "locked": false, "schema_version": 3, "solution": true}
def exponential_average(x, beta, correct):
    """Average x exponentially along axis 0, starting from zero; corrected for that if `correct`."""
    ### BEGIN SOLUTION
    average = np.zeros(x.shape[1:])
    averages = np.empty(x.shape)
    for t, value in enumerate(x, start=1):
        average = beta * average + (1 - beta) * value
        averages[t - 1] = average / (1 - beta**t) if correct else average
    return averages
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "exponential-average-check", "locked": true, "points": 4, "schema_version": 3, "solution": false}
check(exponential_average)

# %% [markdown]
r"""
## `momentum_step` (4 points)
"""


# %% nbgrader={"grade": false, "grade_id": "momentum-step", "locked": false, "schema_version": 3, "solution": true}
def momentum_step(theta, grad, velocity, lr, momentum):
    """Take one momentum step; return the new theta and velocity."""
    ### BEGIN SOLUTION
    velocity = momentum * velocity - lr * grad
    return theta + velocity, velocity
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "momentum-step-check", "locked": true, "points": 4, "schema_version": 3, "solution": false}
check(momentum_step)

# %% [markdown]
r"""
## `nesterov_step` (4 points)
"""


# %% nbgrader={"grade": false, "grade_id": "nesterov-step", "locked": false, "schema_version": 3, "solution": true}
def nesterov_step(theta, velocity, grad_fn, lr, momentum):
    """Take one step of Nesterov momentum; return the new theta and velocity."""
    ### BEGIN SOLUTION
    grad = grad_fn(theta + momentum * velocity)
    velocity = momentum * velocity - lr * grad
    return theta + velocity, velocity
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "nesterov-step-check", "locked": true, "points": 4, "schema_version": 3, "solution": false}
check(nesterov_step)

# %% [markdown]
r"""
## `averaged_momentum_step` (3 points)
"""


# %% nbgrader={"grade": false, "grade_id": "averaged-momentum-step", "locked": false, "schema_version": 3, "solution": true}
def averaged_momentum_step(theta, grad, velocity, lr, momentum):
    """Take a momentum step whose velocity averages; return the new theta and velocity."""
    ### BEGIN SOLUTION
    velocity = momentum * velocity + (1 - momentum) * grad
    return theta - lr / (1 - momentum) * velocity, velocity
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "averaged-momentum-step-check", "locked": true, "points": 3, "schema_version": 3, "solution": false}
check(averaged_momentum_step)

# %% [markdown]
r"""
## Reflection (4 points)

Why does momentum help in a valley?
"""

# %% [markdown] nbgrader={"grade": true, "grade_id": "steps-reflection", "locked": false, "points": 4, "schema_version": 3, "solution": true}
r"""
Because the steps across cancel and the steps along add up. **Marking scheme.** 4 points for both halves.
"""
