"""What a spreadsheet would take for a formula."""


def is_formula(field: str) -> bool:
    """Whether a field of a table would be computed when it is opened; blanks before the sign do not stop that."""
    if field.lstrip()[:1] not in tuple("=+-@"):
        return False
    try:
        float(field)
    except ValueError:
        return True
    return False
