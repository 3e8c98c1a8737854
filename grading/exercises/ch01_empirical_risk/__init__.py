"""Chapter 1, empirical risk."""
