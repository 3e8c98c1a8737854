"""Chapter 5, initialization."""
