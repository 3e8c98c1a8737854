"""From a rebuilt notebook to verdicts: the hidden cases, and the judge that puts them to a student's functions.

May import `grading.sandbox`, `grading.intake.harmless`, the exercises (to draw cases) and `utils.check`; it knows
nothing of gradebooks or nbgrader.
"""
