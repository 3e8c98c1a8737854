"""How what students build is put to use in a check: drivers, each `NAME(build, **inputs) -> plain data`.

A driver gets the class or function that was built and a copy of a case's inputs, does with it what a notebook would do,
and returns what is to be compared. It hands over as they are the inputs that have to stay as they were, and copies of
those that may be written into.
The attribute `said` of a driver has words for inputs that students do not know by their names.
"""
