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
# Bowls

A notebook of another chapter.
"""

# %%
import numpy as np

from utils import predict
from utils.check import check

guess = ...  # yours, before an experiment

# %% [markdown]
r"""
## `bowl_gradient` (2 points)
"""


# %% nbgrader={"grade": false, "grade_id": "bowl-gradient", "locked": false, "schema_version": 3, "solution": true}
def bowl_gradient(theta, scales):
    """Return the gradient of a bowl at theta."""
    ### BEGIN SOLUTION
    return scales * theta
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "bowl-gradient-check", "locked": true, "points": 2, "schema_version": 3, "solution": false}
check(bowl_gradient)

# %% [markdown]
r"""
## `bowl_height` (1 points)
"""


# %% nbgrader={"grade": false, "grade_id": "bowl-height", "locked": false, "schema_version": 3, "solution": true}
def bowl_height(theta, scales):
    """Return the height of a bowl at theta."""
    ### BEGIN SOLUTION
    return float(0.5 * scales @ theta**2)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "bowl-height-check", "locked": true, "points": 1, "schema_version": 3, "solution": false}
check(bowl_height)

# %% [markdown]
r"""
## How high?

Two steps away from the bottom, on a bowl with curvature 3. **Guess** before you run the next cell.
"""

# %% tags=["guess"]
guess = {"height": ..., "gradient": ...}  # two steps away

# %% jupyter={"source_hidden": true} tags=["experiment"]
# the experiment
theta, scales = np.array([2.0]), np.array([3.0])
came = {"height": bowl_height(theta, scales), "gradient": bowl_gradient(theta, scales)}
predict.compare(guess, came, "two steps away")

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-B1"]
# the claim
assert came["height"] == 6, "half of three times four"

# %% [markdown]
r"""
<details><summary>What you saw</summary>

Height and gradient are equal there, because the gradient is twice the height over the distance.
</details>
"""

# %% tags=["experiment"]
predict.summary()
