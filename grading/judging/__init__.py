"""From a rebuilt notebook to verdicts: the hidden cases, and the judge that puts them to a student's functions.

May import `cells`, `course`, `exercise`, `files`, `intake`, `limits`, `processes`, `sandbox`, `slips`, `utils.check`.
"""
