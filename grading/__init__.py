"""The instructor's side of the course. Students do not have it.

From an author's text to a grade: `exercise` and `exercises` (what is asked, what is right, what is wrong), `authoring`
(notebooks and their release), `intake` (what students hand in), `run` (the class), `sandbox` (students' code in
isolation), `judging` (verdicts), `records` (the gradebook), `report` (what the class believes). `course` knows the
folders, `cells` what a notebook's cell is for. Each package says what it may import; a test holds it to that.
"""

import sys

# jsonschema imports this package if it is there, to check international web addresses, and it compiles grammars for
# more than a second. Nothing here has such an address to check.
sys.modules.setdefault("rfc3987_syntax", None)
