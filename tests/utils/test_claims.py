"""A measured line is shown and marked for the list of claims; seeds follow from the base seed."""

import nbformat
import numpy as np
import pytest
import torch
from nbclient import NotebookClient

from utils.claims import base_seed, measured, seeds, spread


def test_measured_line_is_marked_in_the_notebook():
    cell = nbformat.v4.new_code_cell("from utils.claims import measured\nmeasured('M1', 'slope -0.50, expected -1/2')")
    notebook = nbformat.v4.new_notebook(cells=[cell])
    NotebookClient(notebook, kernel_name="python3").execute()
    (output,) = cell.outputs
    assert output["data"] == {"text/plain": "slope -0.50, expected -1/2"}
    assert output["metadata"] == {"claim": "M1"}


@pytest.mark.parametrize("text", ["", "  ", "two\nlines"])
def test_measured_refuses_what_is_not_one_line(text):
    with pytest.raises(ValueError, match="measured: expected one line of text for claim M1"):
        measured("M1", text)


@pytest.fixture
def base(monkeypatch):
    return lambda text: monkeypatch.setenv("COURSE_SEED", text)


def test_base_seed_is_that_of_the_environment(base, monkeypatch):
    monkeypatch.delenv("COURSE_SEED", raising=False)
    assert base_seed() == 0
    base("12")
    assert base_seed() == 12


@pytest.mark.parametrize("text", ["", "-1", "1.5", "seven", "²"])
def test_base_seed_names_what_stands_in_the_environment(base, text):
    base(text)
    with pytest.raises(ValueError, match="base_seed: expected COURSE_SEED to be an integer >= 0, got '"):
        base_seed()


def test_seeds_are_different_the_same_each_time_and_begin_alike():
    assert len(set(seeds(1000))) == 1000
    assert seeds(10) == seeds(10) == seeds(20)[:10]
    assert all(type(seed) is int for seed in seeds(np.int64(3)))


def test_seeds_of_other_base_seeds_are_other_seeds(base):
    drawn = set()
    for number in range(9):
        base(str(number))
        drawn |= {base_seed(), *seeds(1000)}
    assert len(drawn) == 9 * 1001


@pytest.mark.parametrize("count", [0, -1, 1001, 2.0, True, "3"])
def test_seeds_refuses_other_counts(count):
    with pytest.raises(ValueError, match="seeds: expected count to be an integer from 1 to 1000, got"):
        seeds(count)


@pytest.mark.parametrize(
    ("values", "spec", "text"),
    [
        ([0.25, 0.21, 0.23], ".3g", "0.23 (0.21 to 0.25, 3 seeds)"),
        (np.arange(10.0), ".1f", "4.5 (0.0 to 9.0, 10 seeds)"),
        (torch.tensor([1.0, 2.0], requires_grad=True), ".2f", "1.50 (1.00 to 2.00, 2 seeds)"),
        ((n for n in (1200, 1300)), ",.0f", "1,250 (1,200 to 1,300, 2 seeds)"),
        ({1: 0.5, 2: 0.7, 3: 0.6}.values(), ".0%", "60% (50% to 70%, 3 seeds)"),
        ([1, 2, np.inf], "g", "2 (1 to inf, 3 seeds)"),
    ],
)
def test_spread_says_median_and_range(values, spec, text):
    assert spread(values, spec) == text


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([0.1], r"at least two numbers, one a seed, got an array of shape \(1,\)"),
        ([[1.0, 2.0], [3.0, 4.0]], r"at least two numbers, one a seed, got an array of shape \(2, 2\)"),
        ([1.0, np.nan, np.nan], "got nan for 2 of 3 seeds"),
    ],
)
def test_spread_refuses_what_has_no_median(values, message):
    with pytest.raises(ValueError, match=f"spread: expected .*{message}"):
        spread(values)
