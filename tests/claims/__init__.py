"""Are the course's claims true of other dice, and could they fail? See `make claims`."""
