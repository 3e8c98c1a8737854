"""What runs inside a sandbox. Stands alone: nothing of the rest of this package is in reach there."""
