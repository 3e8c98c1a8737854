"""What authors need: build notebooks and their release, list claims, make sample classes, pack the students' bundle.

May import `cells`, `course`, `exercise`, `records`, `regions`, `slips`, `utils.check`.
"""
