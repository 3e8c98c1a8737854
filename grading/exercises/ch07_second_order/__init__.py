"""Chapter 7, second-order methods."""
