"""Say what an experiment measured, where the course's list of claims can find it."""


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
