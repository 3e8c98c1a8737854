"""What authors need: build notebooks and their release, list claims, make sample classes, pack the students' bundle.

May import `cells`, `course`, `exercise`, `processes`, `records`, `regions`, `slips`, `utils.check`.
"""
