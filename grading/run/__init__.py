"""Grade a class: every submission to a worker, every result into the gradebook.

`grade` conducts, `worker` executes one notebook, `cluster` has many of them at a time, `cache` knows what need not be
done again, `warm_up` starts sandboxes early.

May import `cells`, `course`, `files`, `intake`, `judging`, `limits`, `records`, `sandbox`, `utils.check`.
"""
