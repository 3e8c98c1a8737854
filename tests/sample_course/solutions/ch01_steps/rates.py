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
# Rates

A second notebook of the same chapter.
"""

# %%
import numpy as np

from utils.check import check

# %% [markdown]
r"""
## `scaled_step` (3 points)
"""


# %% nbgrader={"grade": false, "grade_id": "scaled-step", "locked": false, "schema_version": 3, "solution": true}
def scaled_step(theta, grad, r, lr):
    """Take a step scaled by the root of the squared gradients so far; return the new theta and r."""
    ### BEGIN SOLUTION
    r = r + grad**2
    return theta - lr * grad / np.sqrt(r), r
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "scaled-step-check", "locked": true, "points": 3, "schema_version": 3, "solution": false}
check(scaled_step)

# %% [markdown]
r"""
## Reflection (4 points)

Why does the rate fall?
"""

# %% [markdown] nbgrader={"grade": true, "grade_id": "rates-reflection", "locked": false, "points": 4, "schema_version": 3, "solution": true}
r"""
Because the sum below the root grows. **Marking scheme.** 4 points for both halves.
"""
