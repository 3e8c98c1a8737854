"""Where grades are kept and how nbgrader takes part: its gradebook, its steps and converters, its feedback pages.

May import `grading.intake` and `grading.judging`; nothing here decides a score.
"""
