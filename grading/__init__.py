"""The instructor's side: exercises, building, and grading."""
