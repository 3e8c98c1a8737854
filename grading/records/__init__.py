"""Where grades are kept and how nbgrader takes part: its gradebook, its steps and converters, its feedback pages.

Nothing here decides a score.

May import `cells`, `course`, `files`, `intake`, `judging`, `limits`, `processes`, `regions`, `sandbox`, `utils.check`.
"""
