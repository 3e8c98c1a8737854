"""A measured line is shown, and marked for the list of claims."""

import nbformat
import pytest
from nbclient import NotebookClient

from utils.claims import measured


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
