"""The instructor's side of the course: exercises, build, sandboxed judge, gradebook."""

import sys

# jsonschema imports this package if it is there, to check international web addresses, and it compiles grammars for
# more than a second. Nothing here has such an address to check.
sys.modules.setdefault("rfc3987_syntax", None)
