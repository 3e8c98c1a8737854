"""The exercises: a folder for each chapter, in it a module for each notebook, and perhaps `_helpers` that they share.

May import `exercise`, `utils`.
"""
