"""What a class got, and what it believes: report.html, CSV files and the tables on the terminal.

`collect` reads what was graded, `statistics` says what it means, `pictures` draws it, `page` writes the page, `tables`
the CSV files and what the terminal shows.

May import `cells`, `course`, `files`, `intake`, `judging`, `records`, `utils.check`.
"""

from grading.report.collect import ClassReport, Row, Score, collect
from grading.report.page import render
from grading.report.tables import misconception_table, score_table, write_files

__all__ = [
    "ClassReport",
    "Row",
    "Score",
    "collect",
    "misconception_table",
    "render",
    "score_table",
    "write_files",
]
