"""The exercises: a folder for each chapter, in it a module for each notebook."""
