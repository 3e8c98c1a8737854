"""What a class got, and what it believes: report.html, CSV files and the tables on the terminal."""

from grading.report.collect import ClassReport, Row, Score, collect
from grading.report.csv_files import write_files
from grading.report.page import render
from grading.report.terminal import misconception_table, score_table

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
