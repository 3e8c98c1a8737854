"""What the notebooks of the course import: data, landscapes, models, training, plots, players, device, check.

Import the module that you need (`from utils import landscapes`); nothing is loaded or run by importing the
package. Nothing here holds a solution, or imports `grading`.
"""
