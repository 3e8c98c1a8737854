"""What `check` accepts must carry the rest of the notebook: a program that tries, and its test."""
