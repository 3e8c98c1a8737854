"""Say what an experiment measured, where the course's list of claims can find it, and over which seeds.

Where chance plays a part, a claim rests on several seeds. All of them follow from one base seed, the environment
variable COURSE_SEED (0 if it is not set), so that `make claims` can ask whether the claim is also true of other dice:

    seed_everything(base_seed())
    losses = [train(seed) for seed in seeds(10)]
    measured("S3", f"final loss {spread(losses)}, expected below 0.3")
"""

import os

import numpy as np

VARIABLE = "COURSE_SEED"
MOST = 1000  # seeds below one base seed


def base_seed():
    """Return the base seed, an int >= 0: the environment variable COURSE_SEED, 0 if it is not set.

    Raises ValueError if the variable holds anything else.
    """
    text = os.environ.get(VARIABLE, "0")
    if not (text.isascii() and text.isdigit()):
        raise ValueError(f"base_seed: expected {VARIABLE} to be an integer >= 0, got {text!r}")
    return int(text)


def seeds(count):
    """Return `count` different seeds, the same at every call; another base seed gives entirely other ones.

    count : int from 1 to 1000
    Returns a list of ints; seeds(3) holds the first three of seeds(10).
    Raises ValueError for another count.
    """
    if isinstance(count, bool) or not isinstance(count, int | np.integer) or not 1 <= count <= MOST:
        raise ValueError(f"seeds: expected count to be an integer from 1 to {MOST}, got {count!r}")
    first = MOST * (base_seed() + 1)  # above the base seeds themselves, with which a notebook seeds everything
    return list(range(first, first + int(count)))


def spread(values, spec=".3g"):
    """Say where the values of several seeds lie, such as "0.23 (0.21 to 0.25, 10 seeds)": median and range.

    values : numbers, shape (count,), one a seed, at least two; a torch tensor will do. May be infinite, as the cost
        of a run that diverged is
    spec : str, how a number is written, as in format()
    Raises ValueError for another shape, for fewer than two values, and for nan.
    """
    if hasattr(values, "detach"):
        values = values.detach().cpu()
    elif not hasattr(values, "__array__"):
        values = list(values)  # a generator or the values of a dict
    numbers = np.asarray(values, dtype=float)
    if numbers.ndim != 1 or len(numbers) < 2:
        raise ValueError(f"spread: expected at least two numbers, one a seed, got an array of shape {numbers.shape}")
    if np.isnan(numbers).any():
        raise ValueError(f"spread: expected numbers, got nan for {np.isnan(numbers).sum()} of {len(numbers)} seeds")
    low, middle, high = (format(value, spec) for value in (numbers.min(), np.median(numbers), numbers.max()))
    return f"{middle} ({low} to {high}, {len(numbers)} seeds)"


def measured(claim, text):
    """Show a line with what was measured for a claim of the course.

    claim : str, its name, e.g. "M1"; the cell bears the tag "claim-M1"
    text : str, one line: the numbers, with their units, and what was expected
    The line is marked with the claim's name in the output's metadata, from which docs/claims.md is made.
    Raises ValueError if the text is empty or has several lines.
    """
    from IPython.display import display

    if not text.strip() or len(text.splitlines()) != 1:
        raise ValueError(f"measured: expected one line of text for claim {claim}, got {text!r}")
    display({"text/plain": text}, raw=True, metadata={"claim": claim})
