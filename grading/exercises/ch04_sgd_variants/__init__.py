"""Chapter 4, SGD variants."""
