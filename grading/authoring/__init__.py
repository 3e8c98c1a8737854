"""What authors need: build notebooks and their release, list claims, make sample classes, pack the students' bundle.

May import everything else of `grading`; nothing else may import this.
"""
