"""Chapter 2, minibatching."""
