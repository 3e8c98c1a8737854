"""`check(function)`: tells a student at once, offline, what is wrong with an answer, and the machinery behind it.

The same machinery judges in the grader. From the data to the table: `plain` (what may cross between processes),
`cases` (inputs, expected answers, misconceptions), `call` (call a function, observe), `compare` (is it the same?),
`explain` (one case in a sentence), `verdict` (all cases of an exercise), `table` (as people see it), `published`
(`check` itself). Students have it, and the grader builds on it.
"""

from utils.check.published import CheckFailed, UnknownExercise, check

__all__ = ["CheckFailed", "UnknownExercise", "check"]
