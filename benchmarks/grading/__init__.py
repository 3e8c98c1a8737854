"""Time `python -m grading grade` against stock nbgrader on the same submissions: `python -m benchmarks.grading`."""
