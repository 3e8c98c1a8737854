"""From what students handed in to a notebook that can be trusted but for the sources of some cells.

`submissions` finds and recognises files, `rebuild` takes the student's texts out of them, `harmless` makes whatever is
shown later safe to open. Nothing here executes anything of a student's.

May import `cells`, `course`, `utils.check`.
"""
