"""Chapter 3, challenges."""
